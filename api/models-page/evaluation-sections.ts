import type { Evaluation } from '../../contracts/schemas/evaluation';
import { count } from '../../lib/page/figures';
import { html, type Markup } from '../../lib/page/html';
import { mistakesTable } from '../../lib/page/mistakes-table';
import { nameMarkup } from '../../lib/page/names';
import { wilsonInterval } from '../../lib/evaluation/metrics/wilson';
import { intervalStrip, share } from './parts';

/** A matrix of more classes than this is wider than a page. */
const mostClasses = 20;
const shades = 5;

/** What an evaluation found: further figures, each class's, and what is taken for what. */
export function evaluationSections(evaluation: Evaluation): Markup {
  return html`${furtherFigures(evaluation)}
    <h3>Each class</h3>
    ${classTable(evaluation)}
    <h3>What is taken for what</h3>
    ${evaluation.perClass.length <= mostClasses ? matrix(evaluation) : mistakes(evaluation)}`;
}

function furtherFigures({ topK, macro, weighted, rocAuc, brier, baseline, calibration }: Evaluation): Markup {
  const figures: [string, string][] = [['Always the commonest class', share(baseline)]];
  const add = (name: string, value: number | null | undefined, text = share): void => {
    if (typeof value === 'number') figures.push([name, text(value)]);
  };
  // The first alone is the accuracy.
  for (const [k, value] of Object.entries(topK)) if (k !== '1') add(`Right among the ${k} likeliest`, value);
  add('Macro precision', macro.precision);
  add('Macro recall', macro.recall);
  add('Macro F1', macro.f1);
  add('Weighted F1', weighted.f1);
  add('ROC AUC, each class against the rest', rocAuc, (value) => value.toFixed(4));
  add('Brier score', brier, (value) => value.toFixed(4));
  add('Calibration error after temperature scaling', calibration?.eceAfter);
  return html`<dl class="facts">
    ${figures.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function classTable({ perClass }: Evaluation): Markup {
  const text = (value: number | null): string => (value === null ? '–' : share(value));
  // Evaluations of before 0.2.0 have none.
  const hasF1 = perClass.some(({ f1 }) => f1 !== null);
  const rows = perClass.map(({ class: label, pictures, precision, recall, f1 }) => {
    const interval = wilsonInterval(Math.round((recall ?? 0) * pictures), pictures);
    return html`<tr>
      <th scope="row">${nameMarkup(label, 60)}</th>
      <td class="number">${text(recall)}</td>
      <td class="interval">${recall === null ? undefined : intervalStrip(recall, interval)}</td>
      <td class="number">${text(precision)}</td>
      ${hasF1 ? html`<td class="number quietly">${text(f1)}</td>` : undefined}
      <td class="number quietly">${count(pictures)}</td>
    </tr>`;
  });
  return html`<div class="scroll versions">
    <table>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="number">Recall</th>
          <th scope="col">95 % interval, 0 to 100 %</th>
          <th scope="col" class="number">Precision</th>
          ${hasF1 ? html`<th scope="col" class="number quietly">F1</th>` : undefined}
          <th scope="col" class="number quietly">Pictures</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function matrix({ perClass, confusion }: Evaluation): Markup {
  const rows = confusion.map((cells, truth) => {
    const all = Math.max(
      1,
      cells.reduce((sum, cell) => sum + cell, 0),
    );
    return html`<tr>
      <th scope="row">${nameMarkup(perClass[truth]?.class ?? '', 24)}</th>
      ${cells.map((cell, answer) =>
        cell === 0
          ? html`<td class="number"><span class="quiet">·</span></td>`
          : html`<td
              class="number ${truth === answer ? 'right' : 'wrong'} s${Math.ceil((shades * cell) / all)}"
            >
              ${count(cell)}
            </td>`,
      )}
    </tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
    <table class="matrix">
      <caption>
        Test pictures; a row is what they are, a column what was answered.
      </caption>
      <thead>
        <tr>
          <th scope="col">Is ↓ answered →</th>
          ${perClass.map((each) => html`<th scope="col" class="number">${nameMarkup(each.class, 20)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function mistakes({ perClass, confusion }: Evaluation): Markup {
  const name = (index: number): string => perClass[index]?.class ?? '';
  return mistakesTable(
    confusion.flatMap((cells, truth) =>
      cells.flatMap((found, answer) =>
        truth === answer || found === 0 ? [] : [{ truth: name(truth), answer: name(answer), found }],
      ),
    ),
  );
}
