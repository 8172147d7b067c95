import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import type { CoveragePoint } from '../metrics/coverage';
import { decimals, share, type EvaluationReport } from './content';

const frame = { left: 46, top: 10, width: 300, height: 160, right: 14, bottom: 40 };
const ticks = [0, 0.25, 0.5, 0.75, 1];
/** Coverages whose thresholds stand in the table. */
const told = [0.25, 0.5, 0.75, 0.9, 1];

/** What it would buy to leave the least sure answers to a person. */
export function coverageChart({ coverage }: EvaluationReport): Markup | undefined {
  if (coverage === undefined || coverage.length < 2) return undefined;
  return html`<section id="coverage" aria-labelledby="coverage-title">
    <h2 id="coverage-title">Answering only when sure</h2>
    <div class="charts">${chart(coverage)} ${table(coverage)}</div>
  </section>`;
}

function chart(points: readonly CoveragePoint[]): Markup {
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const xOf = (value: number) => rounded(frame.left + frame.width * value);
  const yOf = (value: number) => rounded(bottom - frame.height * value);
  const path = points
    .map(({ coverage, accuracy }, at) => `${at === 0 ? 'M' : 'L'}${xOf(coverage)} ${yOf(accuracy)}`)
    .join('');
  return html`<figure>
    <h3>Accuracy by share of pictures answered</h3>
    <svg
      class="chart"
      viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
      role="img"
      aria-label="Accuracy of the surest answers, by the share of pictures answered; values stand in the table beside it"
    >
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" />
            <text x="${frame.left - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick * 100} %</text>
            <text x="${xOf(tick)}" y="${bottom + 15}" text-anchor="middle">${tick * 100} %</text>`,
      )}
      <path class="curve" d="${path}" />
      <text x="${frame.left + frame.width / 2}" y="${bottom + 32}" text-anchor="middle">
        pictures answered
      </text>
    </svg>
  </figure>`;
}

function table(points: readonly CoveragePoint[]): Markup {
  const rows = told.flatMap((wanted) => points.find(({ coverage }) => coverage >= wanted - 1e-9) ?? []);
  return html`<table>
    <caption>
      The share that is right, where an answer is only given from a confidence on.
    </caption>
    <thead>
      <tr>
        <th scope="col">Answered</th>
        <th scope="col" class="number">From confidence</th>
        <th scope="col" class="number">Right</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ confidence, coverage, accuracy }) =>
          html`<tr>
            <th scope="row">${share(coverage)}</th>
            <td class="number">${decimals(confidence)}</td>
            <td class="number">${share(accuracy)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
