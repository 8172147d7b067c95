import type { TrialRecord } from '../../../contracts/schemas/sweep-record';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup, shownName, visibleText } from '../../page/names';
import { reportKey } from '../../tracking/report/report-key';
import { orderOf, type Dimension } from '../dimensions';
import type { SweepReport } from './content';
import { stateNames } from './marks';
import { numberText, valueText } from './value-text';

/** More rows than this nobody reads; the record has them all. */
const mostRows = 2000;
const longestFailure = 90;

/** Every trial, to be sorted where the page's script runs. */
export function trialTable(report: SweepReport): Markup {
  const { record, dimensions, metric, storeAt } = report;
  const shown = record.trials.slice(0, mostRows);
  const heads = [
    { name: 'Trial', number: true },
    { name: 'State', number: false },
    { name: metric, number: true },
    ...dimensions.map((dimension) => ({ name: dimension.name, number: isOrdered(dimension) })),
    { name: 'Epochs', number: true },
    { name: 'Seconds', number: true },
    { name: 'Run', number: false },
  ];
  return html`<section id="trials" aria-labelledby="trials-title">
    <h2 id="trials-title">Trials</h2>
    ${
      shown.length < record.trials.length
        ? html`<p class="quiet">The first ${count(mostRows)} of ${count(record.trials.length)}.</p>`
        : undefined
    }
    ${
      storeAt === undefined
        ? html`<p class="quiet">
            The report of a run lies in the store as <code>${reportKey('<run>')}</code>.
          </p>`
        : undefined
    }
    <div class="scroll">
      <table class="trials">
        <thead>
          <tr>
            ${heads.map(({ name, number }) => html`<th scope="col" ${number ? html` class="number"` : undefined}>${nameMarkup(name, 40)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map((trial) => row(trial, report))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row(trial: TrialRecord, { dimensions, best, storeAt, metric }: SweepReport): Markup {
  const { state, metric: figure, epochs, planned, seconds } = trial;
  const isBest = trial.trial === best?.trial;
  return html`<tr data-t="${trial.trial}" data-says="${saysOf(trial, dimensions, metric)}">
    <th scope="row" class="number" data-v="${trial.trial}">${trial.trial}</th>
    <td data-v="${state}">
      <span class="state ${state}">${stateNames[state]}</span
      >${isBest ? html` <span class="badge">best</span>` : undefined} ${reasonOf(trial)}
    </td>
    ${numberCell(figure, figure === undefined ? '–' : numberText(figure))}
    ${dimensions.map((dimension) => parameterCell(dimension, trial))}
    ${numberCell(epochs, planned === undefined ? valueText(epochs) : `${valueText(epochs)} / ${planned}`)}
    ${numberCell(seconds, seconds === undefined ? '–' : seconds.toFixed(seconds < 100 ? 1 : 0))}
    <td data-v="${trial.run ?? ''}">${runOf(trial, storeAt)}</td>
  </tr>`;
}

function numberCell(value: number | undefined, text: string): Markup {
  return html`<td class="number" data-v="${value ?? ''}">${text}</td>`;
}

function parameterCell(dimension: Dimension, trial: TrialRecord): Markup {
  const value = trial.parameters[dimension.name];
  if (isOrdered(dimension)) return numberCell(orderOf(dimension, trial), valueText(value));
  return html`<td data-v="${value === undefined ? '' : shownName(valueText(value), 60)}">
    ${nameMarkup(valueText(value), 60)}
  </td>`;
}

function isOrdered(dimension: Dimension): boolean {
  return dimension.kind === 'number' || dimension.ordered;
}

function reasonOf({ failure, why }: TrialRecord): Markup | undefined {
  const reason = failure ?? why;
  if (reason === undefined) return undefined;
  const text = visibleText(reason.slice(0, 4000));
  if (text.length <= longestFailure && !text.includes('\n'))
    return html`<span class="why quiet">${text}</span>`;
  return html`<details class="why quiet">
    <summary>${text.split('\n', 1)[0]?.slice(0, longestFailure)}…</summary>
    <pre>${text}</pre>
  </details>`;
}

/** Only a run that was trained to its end has a report. */
function runOf({ run, state }: TrialRecord, storeAt: string | undefined): Markup | undefined {
  if (run === undefined) return undefined;
  const name = html`<code title="${shownName(run)}">${shownName(run, 14)}</code>`;
  if (storeAt === undefined || state !== 'finished') return name;
  const path = reportKey(run).split('/').map(encodeURIComponent).join('/');
  return html`<a href="${storeAt}${path}">${name}</a>`;
}

/** A trial in one line, for whoever points at it. */
function saysOf(
  { trial, state, metric: figure, parameters }: TrialRecord,
  dimensions: readonly Dimension[],
  metric: string,
): string {
  const told = dimensions
    .filter(({ name }) => parameters[name] !== undefined)
    .map(({ name }) => `${shownName(name, 40)} ${shownName(valueText(parameters[name]), 40)}`);
  const head = `Trial ${trial}, ${stateNames[state]}${figure === undefined ? '' : `: ${metric} ${numberText(figure)}`}`;
  return [head, ...told].join(' · ');
}
