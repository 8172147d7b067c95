import { html, type Markup } from '../../page/html';
import { nameMarkup, shownName } from '../../page/names';
import { rounded } from '../../page/scale';
import type { Dimension } from '../dimensions';
import type { SweepReport } from './content';
import { aside, dot, readout } from './marks';
import { metricScale, type MetricScale } from './metric-scale';
import { dimensionScale } from './scales';

const frame = { left: 50, right: 376, top: 10, bottom: 180 };
const inset = 8;
const letter = 6.3;

/** Each parameter against the metric. */
export function scatter(report: SweepReport): Markup | undefined {
  const { record, dimensions, drawn, known, metric } = report;
  if (dimensions.length === 0 || drawn.length === 0) return undefined;
  const yScale = metricScale(
    known.map((trial) => trial.metric),
    record.config.metric.goal,
    4,
  );
  return html`<section id="each" aria-labelledby="each-title">
    <h2 id="each-title">Each parameter against ${metric}</h2>
    <div class="charts">${dimensions.map((dimension) => chart(dimension, yScale, report))}</div>
    ${readout('Point at a dot to see its trial.')}
  </section>`;
}

function chart(dimension: Dimension, yScale: MetricScale, { drawn, metric, shade }: SweepReport): Markup {
  const scale = dimensionScale(dimension, dimension.kind === 'category' ? 10 : 5);
  const characters = Math.max(
    3,
    Math.floor((frame.right - frame.left) / Math.max(5, scale.ticks.length) / letter) - 1,
  );
  const xOf = (at: number) => rounded(frame.left + inset + (frame.right - frame.left - 2 * inset) * at);
  const yOf = (at: number) => rounded(frame.bottom - (frame.bottom - frame.top) * at);
  const placed = drawn.flatMap((trial) => {
    const at = scale.at(trial.parameters[dimension.name]);
    return at === undefined ? [] : [{ trial, x: xOf(at + scale.room * aside(trial.trial)) }];
  });
  const log = dimension.kind === 'number' && dimension.log;
  return html`<figure>
    <h3>${nameMarkup(dimension.name, 60)}${log ? html` <span class="quiet">log</span>` : undefined}</h3>
    <svg
      class="chart linked"
      viewBox="0 0 ${frame.right + 8} ${frame.bottom + 24}"
      role="img"
      aria-label="${shownName(dimension.name, 60)} against ${metric}, ${placed.length} trials"
    >
      ${yScale.ticks.map(
        ({ at, name }) =>
          html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${yOf(at)}" y2="${yOf(at)}" />
            <text x="${frame.left - 6}" y="${yOf(at) + 4}" text-anchor="end">${name}</text>`,
      )}
      <line class="ground" x1="${frame.left}" x2="${frame.right}" y1="${frame.bottom}" y2="${frame.bottom}" />
      ${scale.ticks.map(
        ({ at, name }) =>
          html`<line
              class="tick"
              x1="${xOf(at)}"
              x2="${xOf(at)}"
              y1="${frame.bottom}"
              y2="${frame.bottom + 4}"
            />
            <text x="${xOf(at)}" y="${frame.bottom + 17}" text-anchor="middle">
              ${shownName(name, characters)}<title>${shownName(name)}</title>
            </text>`,
      )}
      ${placed.map(({ trial, x }) => dot(trial, { x, y: yOf(yScale.at(trial.metric) ?? 0) }, shade(trial.metric)))}
    </svg>
  </figure>`;
}
