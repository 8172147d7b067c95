import { count, counted, duration, moment, percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup, visibleText } from '../../page/names';
import { tile } from '../../page/tile';
import { settingOf } from '../../search/apply';
import { savingsOf } from '../savings';
import { countStates, type MeasuredTrial } from '../standing';
import type { SweepReport } from './content';
import { stateNames } from './marks';
import { numberText, overrideText, valueText } from './value-text';

const searches = { random: 'random', grid: 'grid', bayes: 'Bayesian', tpe: 'TPE' } as const;

/** What was searched, for how long, and what came of it. */
export function header({ record, best, metric, at, pictures }: SweepReport): Markup {
  const { sweep, config, trials, began, ended, warnings = [] } = record;
  const states = countStates(trials);
  const { spentSeconds, seconds, share } = savingsOf(record);
  const cut = states.stopped + states.paused;
  const end = new Date(ended ?? at).toISOString();
  const begin = new Date(began).toISOString();
  const rule = config.early_terminate ? `, early stopping by ${config.early_terminate.type}` : '';
  return html`<header>
    <p class="quiet">Report of a sweep</p>
    <h1>${nameMarkup(sweep)}</h1>
    ${config.name === undefined ? undefined : html`<p><strong>${nameMarkup(config.name)}</strong></p>`}
    ${config.description === undefined ? undefined : html`<p>${visibleText(config.description.slice(0, 2000))}</p>`}
    <p>
      ${searches[config.method]} search for the ${config.metric.goal === 'minimize' ? 'least' : 'greatest'}
      ${metric}${rule}${pictures === undefined ? '' : html`, on ${visibleText(pictures)}`}.
    </p>
    ${warnings.map((warning) => html`<p class="caution">${visibleText(warning)}</p>`)}
    <p>
      Began <time datetime="${begin}">${moment(begin)}</time>,
      ${
        ended === undefined
          ? html`<strong>still runs</strong>; this is how it was at
              <time datetime="${end}">${moment(end)}</time>`
          : html`ended <time datetime="${end}">${moment(end)}</time>`
      },
      after ${duration(Math.max(0, (ended ?? at) - began) / 1000)}.
    </p>
    <dl class="tiles">
      ${tile(`Best ${metric}`, best ? numberText(best.metric) : '–', best ? `trial ${best.trial}${best.state === 'finished' ? '' : `, ${stateNames[best.state]}`}` : 'no trial has a figure')}
      ${tile('Trials', count(trials.length), config.run_cap === undefined ? 'begun' : `of at most ${count(Math.max(config.run_cap, trials.length))}`)}
      ${tile('Finished', count(states.finished), states.running > 0 ? `${count(states.running)} running` : 'trained to their end')}
      ${tile('Stopped early', count(cut), states.paused > 0 ? `${count(states.paused)} of them waiting` : 'by a rule or by hand')}
      ${tile('Failed', count(states.failed), percent(states.failed, trials.length))}
      ${tile('Training', spentSeconds > 0 ? duration(spentSeconds) : '–', seconds > 0 ? `${percent(share, 1)} saved` : counted(epochsOf(trials), 'epoch'))}
    </dl>
    ${best && winner(best, metric)}
  </header>`;
}

/** The best trial's parameters, to look at and to run. */
function winner({ trial, metric: figure, parameters, run, state }: MeasuredTrial, metric: string): Markup {
  const entries = Object.entries(parameters);
  const words = entries.map(([name, value]) => overrideText(settingOf(name) ?? name, value));
  return html`<section id="best" aria-labelledby="best-title">
    <h2 id="best-title">The best: trial ${trial}</h2>
    <dl class="facts settings">
      <dt>${metric}</dt>
      <dd><strong>${numberText(figure)}</strong>${state === 'finished' ? '' : `, ${stateNames[state]}`}</dd>
      ${entries.map(
        ([name, value]) =>
          html`<dt><code>${nameMarkup(name, 80)}</code></dt>
            <dd>${nameMarkup(valueText(value), 200)}</dd>`,
      )}
    </dl>
    <p>A training with its parameters, on top of <code>configs/train.yaml</code>:</p>
    <pre><code>npx drover run train ${visibleText(words.join(' '))}</code></pre>
    ${
      run === undefined || state !== 'finished'
        ? undefined
        : html`<p>The same training once more, whether or not that file has changed:</p>
            <pre><code>npx drover rerun ${visibleText(run)}</code></pre>`
    }
  </section>`;
}

function epochsOf(trials: SweepReport['record']['trials']): number {
  return trials.reduce((sum, { epochs = 0 }) => sum + epochs, 0);
}
