import { splitNames } from '../../../../contracts/schemas/documents';
import { axisAbove, niceSteps } from '../../../page/scale';
import { splitLegend, stackedBar } from '../charts/stacked-bar';
import type { CardContent } from '../content';
import { bytes, count, counted, percent } from '../../../page/figures';
import { fittingRows } from '../fitting';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import type { ClassSummary, Summary } from '../summary';

/** Classes in the open table; more are folded away, and beyond the second number only counted. */
const open = 60;
const listed = 1000;
/** Of all rows. */
const mostCharacters = 300_000;

/** How many pictures each class has in each split: a bar chart whose rows are a table. */
export function classTable({ pictures }: CardContent, { classes }: Summary): Markup {
  const ticks = niceSteps(classes[0]?.total ?? 1, 4);
  const table = (caption: string, rows: readonly Markup[]) =>
    html`<table class="classes">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <div class="barred"><span>Class</span>${axisAbove(ticks)}</div>
          </th>
          ${splitNames.map((split) => html`<th scope="col" class="number">${split}</th>`)}
          <th scope="col" class="number">all</th>
          <th scope="col" class="number wide">share</th>
          <th scope="col" class="number wide">size</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
  const rows = fittingRows(classes.slice(0, listed), mostCharacters, (row) =>
    classRow(row, ticks, pictures.length),
  );
  const rest = rows.slice(open);
  const unlisted = classes.slice(rows.length);
  return html`<section id="classes" aria-labelledby="classes-title">
    <h2 id="classes-title">Classes</h2>
    ${splitLegend()}
    ${table('Pictures of each class in each split, the largest class first', rows.slice(0, open))}
    ${
      rest.length > 0
        ? html`<details>
            <summary>${count(rest.length)} smaller classes</summary>
            ${table('Pictures of each of the smaller classes in each split', rest)}
          </details>`
        : undefined
    }
    ${
      unlisted.length > 0
        ? html`<p>
            And ${counted(unlisted.length, 'more class', 'more classes')}, with
            ${counted(unlisted[0]?.total ?? 0, 'picture')} or fewer: all in
            <code>manifest.jsonl</code>.
          </p>`
        : undefined
    }
  </section>`;
}

function classRow(
  { label, perSplit, total, bytes: size }: ClassSummary,
  ticks: readonly number[],
  all: number,
): Markup {
  return html`<tr>
    <th scope="row">
      <div class="barred"><span>${nameMarkup(label, 60)}</span>${stackedBar(perSplit, ticks)}</div>
    </th>
    ${splitNames.map((split) => html`<td class="${perSplit[split] === 0 ? 'number none' : 'number'}">${count(perSplit[split])}</td>`)}
    <td class="number"><strong>${count(total)}</strong></td>
    <td class="number wide">${percent(total, all)}</td>
    <td class="number wide">${bytes(size)}</td>
  </tr>`;
}
