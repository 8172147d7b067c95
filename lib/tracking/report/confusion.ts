import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { mistakesTable, type Mistaken } from '../../page/mistakes-table';
import { nameMarkup } from '../../page/names';
import type { SamplePicture } from '../tracker';

/** A matrix of more classes than this is wider than a page. */
const mostClasses = 12;
const shades = 5;

/** Which classes are taken for which, in the sample: a matrix of few classes, or the commonest mistakes of many. */
export function confusion(sample: readonly SamplePicture[]): Markup | undefined {
  if (!sample.some(({ actual, predicted }) => actual !== predicted)) return undefined;
  const classes = [...new Set(sample.flatMap(({ actual, predicted }) => [actual, predicted]))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  return html`<h3>What is taken for what</h3>
    ${classes.length <= mostClasses ? matrix(sample, classes) : mistakes(sample)}`;
}

function matrix(sample: readonly SamplePicture[], classes: readonly string[]): Markup {
  const rows = classes.map((actual) => {
    const ofClass = sample.filter((picture) => picture.actual === actual);
    const cells = classes.map((predicted) => {
      const found = ofClass.filter((picture) => picture.predicted === predicted).length;
      if (found === 0) return html`<td class="number"><span class="quiet">·</span></td>`;
      const shade = Math.ceil((shades * found) / ofClass.length);
      return html`<td class="number ${actual === predicted ? 'right' : 'mistaken'}${shade}">
        ${count(found)}
      </td>`;
    });
    return html`<tr>
      <th scope="row">${nameMarkup(actual, 24)}</th>
      ${cells}
    </tr>`;
  });
  return html`<div class="scroll">
    <table class="matrix">
      <caption>
        Pictures of the sample; a row is a class, a column an answer.
      </caption>
      <thead>
        <tr>
          <th scope="col">Actual ↓ predicted →</th>
          ${classes.map((name) => html`<th scope="col" class="number">${nameMarkup(name, 20)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function mistakes(sample: readonly SamplePicture[]): Markup {
  const pairs = new Map<string, Mistaken>();
  for (const { actual: truth, predicted: answer } of sample) {
    if (truth === answer) continue;
    const key = JSON.stringify([truth, answer]);
    pairs.set(key, { truth, answer, found: (pairs.get(key)?.found ?? 0) + 1 });
  }
  return mistakesTable([...pairs.values()], 'The commonest mistakes in the sample.');
}
