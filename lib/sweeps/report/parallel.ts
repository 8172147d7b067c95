import { html, type Markup } from '../../page/html';
import { shownName } from '../../page/names';
import { rounded } from '../../page/scale';
import { isBetter, type MeasuredTrial } from '../standing';
import type { SweepReport } from './content';
import { aside, manyLines, readout, shadeLegend } from './marks';
import { metricScale } from './metric-scale';
import { dimensionScale, type Scale } from './scales';
import { numberText } from './value-text';

const top = 44;
const bottom = 324;
const missingAt = bottom + 26;
/** Room left of the first axis and right of the last, for the names of their ticks. */
const margin = 76;
const pageWidth = 1024;
const least = 120;
/** Pixels that a character is wide, about. */
const letter = 6.3;

interface ParallelAxis {
  readonly name: string;
  readonly scale: Scale;
  readonly yOf: (trial: MeasuredTrial) => number;
  readonly note: string;
}

/** A line for each trial over an axis for each parameter, with the metric at the end. */
export function parallel({
  record,
  dimensions,
  drawn,
  known,
  metric,
  shade,
  best,
}: SweepReport): Markup | undefined {
  if (dimensions.length === 0 || drawn.length === 0) return undefined;
  const { goal } = record.config.metric;
  const missing = dimensions.some(({ name }) =>
    known.some(({ parameters }) => parameters[name] === undefined),
  );
  const axes: ParallelAxis[] = [
    ...dimensions.map((dimension) => {
      const scale = dimensionScale(dimension, 8);
      const note = dimension.kind === 'number' && dimension.log ? 'log' : '';
      return { name: dimension.name, scale, note, yOf: placeOf(dimension.name, scale) };
    }),
    metricAxis(known, metric, goal),
  ];
  const spacing = Math.max(least, (pageWidth - 2 * margin) / (axes.length - 1));
  const width = 2 * margin + spacing * (axes.length - 1);
  const xOf = (axis: number) => rounded(margin + axis * spacing);
  // The best last, so that no other lies over it.
  const ordered = drawn.toSorted((one, other) => (isBetter(goal, one.metric, other.metric) ? 1 : -1));
  const characters = Math.floor(spacing / letter) - 2;
  return html`<section id="parallel" aria-labelledby="parallel-title">
    <h2 id="parallel-title">Parameters together</h2>
    <p class="quiet">
      One line a trial, coloured by ${metric}; the thick one is the
      best.${drawn.length < known.length ? ` The best 250 and some of the other ${known.length - 250} are drawn.` : ''}
    </p>
    ${shadeLegend(metric)}
    <div class="scroll">
      <svg
        class="broad linked lines${drawn.length > manyLines ? ' many' : ''}"
        id="brushed"
        width="${rounded(width)}"
        viewBox="0 0 ${rounded(width)} ${missing ? missingAt + 14 : bottom + 14}"
        role="img"
        aria-label="Parallel coordinates of ${drawn.length} trials over ${dimensions.map(({ name }) => shownName(name, 40)).join(', ')} and ${metric}"
      >
        ${ordered.map(
          (trial) =>
            html`<path
              class="trial ${shade(trial.metric)}${trial === best ? ' winner' : ''}"
              data-t="${trial.trial}"
              d="${axes.map(({ yOf }, at) => `${at === 0 ? 'M' : 'L'}${xOf(at)} ${rounded(yOf(trial))}`).join('')}"
            >
              <title>trial ${trial.trial}: ${numberText(trial.metric)}</title>
            </path>`,
        )}
        ${axes.map((axis, at) => axisMarkup(axis, { x: xOf(at), at, last: at === axes.length - 1, characters }))}
        ${
          missing
            ? html`<text x="${margin - 8}" y="${missingAt + 4}" text-anchor="end" class="named"
                >not set</text
              >`
            : undefined
        }
      </svg>
    </div>
    ${readout('Point at a line to see its trial. Drag along an axis to keep the trials between two values; click it to keep all.')}
  </section>`;
}

function metricAxis(
  known: readonly MeasuredTrial[],
  metric: string,
  goal: 'minimize' | 'maximize',
): ParallelAxis {
  const scale = metricScale(
    known.map((trial) => trial.metric),
    goal,
    8,
  );
  const yOf = (trial: MeasuredTrial) => heightOf(scale.at(trial.metric) ?? 0);
  return { name: metric, scale, note: goal === 'minimize' ? 'less is better' : 'more is better', yOf };
}

function placeOf(name: string, scale: Scale): (trial: MeasuredTrial) => number {
  return ({ parameters, trial }) => {
    const at = scale.at(parameters[name]);
    return at === undefined ? missingAt : heightOf(at + scale.room * aside(trial));
  };
}

function heightOf(at: number): number {
  return bottom - (bottom - top) * at;
}

interface AxisPlace {
  readonly x: number;
  readonly at: number;
  readonly last: boolean;
  readonly characters: number;
}

function axisMarkup({ name, scale, note }: ParallelAxis, { x, at, last, characters }: AxisPlace): Markup {
  const [side, anchor] = last ? [8, 'start'] : [-8, 'end'];
  const ticks = scale.ticks.map(
    (tick) =>
      html`<line
          class="tick"
          x1="${x - 3}"
          x2="${x + 3}"
          y1="${rounded(heightOf(tick.at))}"
          y2="${rounded(heightOf(tick.at))}"
        />
        <text class="named" x="${x + side}" y="${rounded(heightOf(tick.at) + 4)}" text-anchor="${anchor}">
          ${shownName(tick.name, Math.min(characters, 11))}
        </text>`,
  );
  return html`<line class="upright" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" />
    ${ticks}
    <text class="title named" x="${x}" y="14" text-anchor="middle">
      ${shownName(name, characters)}<title>${shownName(name)}</title>
    </text>
    <text x="${x}" y="29" text-anchor="middle">${note}</text>
    <rect
      class="handle"
      data-axis="${at}"
      x="${x - 14}"
      y="${top - 8}"
      width="28"
      height="${bottom - top + 16}"
    />`;
}
