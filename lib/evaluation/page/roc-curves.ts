import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup, shownName } from '../../page/names';
import { rounded } from '../../page/scale';
import { decimals, type ClassCurve, type EvaluationReport } from './content';

/** Charts that a page has room for. */
export const mostCurves = 6;

const frame = { left: 42, top: 10, side: 170, right: 10, bottom: 38 };
const ticks = [0, 0.5, 1];

/** The ROC curves of the classes that are told apart worst. */
export function rocCurves({ curves, evaluation }: EvaluationReport): Markup | undefined {
  if (curves === undefined || curves.length === 0) return undefined;
  const defined = evaluation.perClass.filter(({ rocAuc }) => rocAuc !== null).length;
  return html`<section id="roc" aria-labelledby="roc-title">
    <h2 id="roc-title">ROC curves</h2>
    <p>
      ${
        curves.length < defined
          ? `Of the ${count(curves.length)} classes that are told apart worst, each`
          : 'Each class'
      }
      against the rest: which share of the class is found, and which of the others is taken for it, as the
      probability that is asked for falls. The dashed line is guessing.
    </p>
    <div class="charts small">${curves.map(chart)}</div>
  </section>`;
}

function chart({ class: name, area, points }: ClassCurve): Markup {
  const bottom = frame.top + frame.side;
  const right = frame.left + frame.side;
  const xOf = (value: number) => rounded(frame.left + frame.side * value);
  const yOf = (value: number) => rounded(bottom - frame.side * value);
  const path = points
    .map(({ others, ofClass }, at) => `${at === 0 ? 'M' : 'L'}${xOf(others)} ${yOf(ofClass)}`)
    .join('');
  return html`<figure>
    <h3>${nameMarkup(name, 30)} <span class="quiet">area ${decimals(area)}</span></h3>
    <svg
      class="chart square"
      viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
      role="img"
      aria-label="ROC curve of ${shownName(name, 30)}: area ${decimals(area)}"
    >
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" />
            <text x="${frame.left - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick * 100} %</text>
            <text x="${xOf(tick)}" y="${bottom + 15}" text-anchor="middle">${tick * 100} %</text>`,
      )}
      <line class="ideal" x1="${xOf(0)}" x2="${xOf(1)}" y1="${yOf(0)}" y2="${yOf(1)}" />
      <path class="curve" d="${path}" />
      <text x="${frame.left + frame.side / 2}" y="${bottom + 31}" text-anchor="middle">
        others taken for it
      </text>
    </svg>
  </figure>`;
}
