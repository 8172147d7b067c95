import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import type { TrialRecord } from '../../../contracts/schemas/sweep-record';
import { isBetter } from '../standing';
import type { SweepReport } from './content';
import { cross, manyLines, readout, shadeLegend, stateNames } from './marks';
import { metricScale } from './metric-scale';
import { linearScale } from './scales';
import { numberText } from './value-text';

const frame = { left: 56, right: 1010, top: 12, bottom: 292 };
/** Points of one curve that can be told apart when there are many. */
const mostPoints = 120;

/** The metric after each epoch, of trials that told it; where a rule or a person stopped one, its end is marked. */
export function epochCurves({ record, drawn, metric, shade }: SweepReport): Markup | undefined {
  const { goal } = record.config.metric;
  const curves = drawn
    .map((trial) => ({ trial, points: pointsOf(trial) }))
    .filter(({ points }) => points.length > 0)
    .toSorted((one, other) => (isBetter(goal, one.trial.metric, other.trial.metric) ? 1 : -1));
  if (curves.length === 0) return undefined;
  const last = Math.max(2, ...curves.map(({ points }) => points.at(-1)?.epoch ?? 1));
  const yScale = metricScale(
    curves.flatMap(({ points }) => points.map(({ value }) => value)),
    goal,
    5,
  );
  const xScale = linearScale(1, last, 12, 1);
  const xOf = (epoch: number) => rounded(frame.left + (frame.right - frame.left) * (xScale.at(epoch) ?? 0));
  const yOf = (value: number) => rounded(frame.bottom - (frame.bottom - frame.top) * (yScale.at(value) ?? 0));
  return html`<section id="curves" aria-labelledby="curves-title">
    <h2 id="curves-title">Curves by epoch</h2>
    <p class="quiet">
      The ${metric} after each epoch. A cross is where a trial was stopped, a ring where it waits, a dot where
      it was trained to its end.
    </p>
    ${shadeLegend(metric)}
    <div class="scroll">
      <svg
        class="broad linked lines${curves.length > manyLines ? ' many' : ''}"
        viewBox="0 0 1024 ${frame.bottom + 42}"
        role="img"
        aria-label="${metric} by epoch of ${curves.length} trials, up to epoch ${last}"
      >
        ${yScale.ticks.map(({ at, name }) => {
          const y = rounded(frame.bottom - (frame.bottom - frame.top) * at);
          return html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}" />
            <text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${name}</text>`;
        })}
        ${xScale.ticks.map(({ at, name }) => {
          const x = rounded(frame.left + (frame.right - frame.left) * at);
          return html`<line class="tick" x1="${x}" x2="${x}" y1="${frame.bottom}" y2="${frame.bottom + 4}" />
            <text x="${x}" y="${frame.bottom + 17}" text-anchor="middle">${name}</text>`;
        })}
        <text x="${(frame.left + frame.right) / 2}" y="${frame.bottom + 36}" text-anchor="middle">epoch</text>
        ${curves.map(({ trial, points }) => {
          const end = points.at(-1);
          return html`<path
              class="trial ${shade(trial.metric)}"
              data-t="${trial.trial}"
              d="${points.map(({ epoch, value }, at) => `${at === 0 ? 'M' : 'L'}${xOf(epoch)} ${yOf(value)}`).join('')}"
            >
              <title>trial ${trial.trial}, ${stateNames[trial.state]}: ${numberText(trial.metric)}</title>
            </path>
            ${end && endMark(trial, xOf(end.epoch), yOf(end.value), shade(trial.metric))}`;
        })}
      </svg>
    </div>
    ${readout('Point at a curve to see its trial.')}
  </section>`;
}

function endMark({ state, trial }: TrialRecord, x: number, y: number, look: string): Markup {
  if (state === 'stopped') {
    return html`<path class="ended ${look}" data-t="${trial}" d="${cross(x, y, 3.5)}" />`;
  }
  return html`<circle class="${state} ${look}" data-t="${trial}" cx="${x}" cy="${y}" r="3" />`;
}

/** Epochs from 1; what is no finite number is left out. */
function pointsOf({ values = [] }: TrialRecord): { epoch: number; value: number }[] {
  const points = values
    .map((value, at) => ({ epoch: at + 1, value }))
    .filter(({ value }) => Number.isFinite(value));
  if (points.length <= mostPoints) return points;
  const every = points.length / mostPoints;
  const kept = Array.from({ length: mostPoints }, (_, at) => points[Math.floor(at * every)]);
  return [...kept, points.at(-1)].filter((point) => point !== undefined);
}
