import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import { contenders, isBetter } from '../standing';
import type { SweepReport } from './content';
import { cross, dot, readout, stateLegend } from './marks';
import { metricScale } from './metric-scale';
import { linearScale } from './scales';
import { numberText } from './value-text';

const frame = { left: 56, right: 1010, top: 12, bottom: 252 };
/** For failed trials, which have no figure. */
const lane = 24;

/** Best so far over trials: a step at each trial that was better than all before it, and a dot for each. */
export function progress({ record, known, drawn, metric, shade }: SweepReport): Markup {
  const failed = record.trials.filter(({ state }) => state === 'failed');
  const last = record.trials.reduce((most, { trial }) => Math.max(most, trial), 1);
  const { goal } = record.config.metric;
  const yScale = metricScale(
    known.map((trial) => trial.metric),
    goal,
    5,
  );
  const xScale = linearScale(0.5, last + 0.5, 12, 1);
  const xOf = (trial: number) => rounded(frame.left + (frame.right - frame.left) * (xScale.at(trial) ?? 0));
  const yOf = (value: number) => rounded(frame.bottom - (frame.bottom - frame.top) * (yScale.at(value) ?? 0));
  const floor = frame.bottom + (failed.length > 0 ? lane : 0);
  const steps = bestSoFar(record.trials, goal);
  const path = steps.map(({ trial, best }, index) =>
    index === 0 ? `M${xOf(trial)} ${yOf(best)}` : `H${xOf(trial)}V${yOf(best)}`,
  );
  const end = steps.at(-1);
  return html`<section id="progress" aria-labelledby="progress-title">
    <h2 id="progress-title">Best so far</h2>
    ${
      known.length === 0
        ? html`<p class="quiet">No trial has a figure yet.</p>`
        : html`<div class="scroll">
              <svg
                class="broad linked"
                viewBox="0 0 1024 ${floor + 42}"
                role="img"
                aria-label="Best ${metric} so far: ${end ? `${numberText(end.best)} after ${last} trials` : 'none'}"
              >
                ${yScale.ticks.map(
                  ({ at, name }) =>
                    html`<line
                        class="grid"
                        x1="${frame.left}"
                        x2="${frame.right}"
                        y1="${rounded(frame.bottom - (frame.bottom - frame.top) * at)}"
                        y2="${rounded(frame.bottom - (frame.bottom - frame.top) * at)}"
                      />
                      <text
                        x="${frame.left - 8}"
                        y="${rounded(frame.bottom - (frame.bottom - frame.top) * at + 4)}"
                        text-anchor="end"
                        >${name}</text
                      >`,
                )}
                <line class="ground" x1="${frame.left}" x2="${frame.right}" y1="${floor}" y2="${floor}" />
                ${xScale.ticks
                  .filter(({ at }) => at > 0)
                  .map(({ at, name }) => {
                    const x = rounded(frame.left + (frame.right - frame.left) * at);
                    return html`<line class="tick" x1="${x}" x2="${x}" y1="${floor}" y2="${floor + 4}" />
                      <text x="${x}" y="${floor + 17}" text-anchor="middle">${name}</text>`;
                  })}
                <text x="${(frame.left + frame.right) / 2}" y="${floor + 36}" text-anchor="middle">
                  trial
                </text>
                ${
                  failed.length > 0
                    ? html`<text x="${frame.left - 8}" y="${frame.bottom + lane / 2 + 4}" text-anchor="end">
                        failed
                      </text>`
                    : undefined
                }
                ${end && html`<path class="steps" d="${path.join('')}H${frame.right}" />`}
                ${drawn.map((trial) => dot(trial, { x: xOf(trial.trial), y: yOf(trial.metric) }, shade(trial.metric)))}
                ${failed.map(
                  ({ trial }) =>
                    html`<path
                      class="cross"
                      data-t="${trial}"
                      d="${cross(xOf(trial), frame.bottom + lane / 2, 4)}"
                    >
                      <title>trial ${trial}, failed</title>
                    </path>`,
                )}
              </svg>
            </div>
            ${stateLegend(new Set(record.trials.filter(({ state, metric: figure }) => state === 'failed' || figure !== undefined).map(({ state }) => state)))}
            ${readout('Point at a dot to see its trial everywhere on this page.')}`
    }
    ${
      yScale.beyond > 0
        ? html`<p class="quiet">
            ${yScale.beyond === 1 ? 'One figure is' : `${yScale.beyond} figures are`} so much worse than the
            rest that ${yScale.beyond === 1 ? 'it is' : 'they are'} drawn at the edge, here and below.
          </p>`
        : undefined
    }
  </section>`;
}

/** Each trial that was better than all before it, of those that a winner is chosen from. */
function bestSoFar(
  trials: SweepReport['record']['trials'],
  goal: SweepReport['record']['config']['metric']['goal'],
): { trial: number; best: number }[] {
  const steps: { trial: number; best: number }[] = [];
  for (const { trial, metric } of contenders(trials).toSorted((one, other) => one.trial - other.trial)) {
    const before = steps.at(-1);
    if (before === undefined || isBetter(goal, metric, before.best)) steps.push({ trial, best: metric });
  }
  return steps;
}
