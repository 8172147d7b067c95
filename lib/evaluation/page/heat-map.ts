import type { Evaluation } from '../../../contracts/schemas/evaluation';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { mistakesTable } from '../../page/mistakes-table';
import { nameMarkup, shownName } from '../../page/names';
import type { EvaluationReport } from './content';
import { shades } from './style';

/** A table of more classes is wider than a page, and its numbers are not read: it is drawn without them. */
const mostNumbers = 14;
/** Cells of more classes can't be seen. */
const mostDrawn = 150;

/** Which classes are taken for which. */
export function heatMap({ evaluation }: EvaluationReport): Markup {
  const classes = evaluation.perClass.length;
  return html`<section id="confusion" aria-labelledby="confusion-title">
    <h2 id="confusion-title">What is taken for what</h2>
    ${
      classes <= mostNumbers
        ? matrix(evaluation)
        : html`${classes <= mostDrawn ? drawing(evaluation) : undefined} ${commonest(evaluation)}`
    }
  </section>`;
}

/** The shade of a cell: by its share of its row, 0 being none of it. */
function shadeOf(found: number, ofClass: number): number {
  return found === 0 ? 0 : Math.max(1, Math.round((shades * found) / ofClass));
}

function matrix({ perClass, confusion }: Evaluation): Markup {
  const rows = confusion.map((row, truth) => {
    const ofClass = perClass[truth]?.pictures ?? 0;
    const cells = row.map((found, answer) => {
      if (found === 0) return html`<td class="number"><span class="quiet">·</span></td>`;
      const look = truth === answer ? 'right' : 'mistaken';
      return html`<td class="number ${look}${shadeOf(found, ofClass)}">${count(found)}</td>`;
    });
    return html`<tr>
      <th scope="row">${nameMarkup(perClass[truth]?.class ?? '', 24)}</th>
      ${cells}
      <td class="number quiet">${count(ofClass)}</td>
    </tr>`;
  });
  return html`<div class="scroll">
    <table class="matrix">
      <caption>
        Pictures; a row is a class, a column an answer. Right answers are blue, mistakes red, both darker the
        larger their share of the row.
      </caption>
      <thead>
        <tr>
          <th scope="col">Truth ↓ answer →</th>
          ${perClass.map((one) => html`<th scope="col" class="number">${nameMarkup(one.class, 18)}</th>`)}
          <th scope="col" class="number">All</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** The same without numbers; each cell says itself on pointing at it. */
function drawing({ perClass, confusion }: Evaluation): Markup {
  const size = perClass.length;
  const name = (index: number) => shownName(perClass[index]?.class ?? '', 40);
  const cells = confusion.flatMap((row, truth) =>
    row.flatMap((found, answer) => {
      if (found === 0) return [];
      const look = truth === answer ? 'right' : 'mistaken';
      return [
        html`<rect
          class="${look}${shadeOf(found, perClass[truth]?.pictures ?? found)}"
          x="${answer}"
          y="${truth}"
          width="1"
          height="1"
          ><title>${name(truth)} answered as ${name(answer)}: ${count(found)}</title></rect
        >`,
      ];
    }),
  );
  return html`<figure>
    <svg
      class="grid-map"
      viewBox="0 0 ${size} ${size}"
      role="img"
      aria-label="Confusion matrix of ${size} classes; the commonest mistakes follow as a table"
    >
      <rect class="frame" width="${size}" height="${size}" />
      ${cells}
    </svg>
    <figcaption>
      Rows are classes, columns answers, both in the order that the model has its classes in. Right answers
      are blue, mistakes red.
    </figcaption>
  </figure>`;
}

function commonest({ perClass, confusion }: Evaluation): Markup | undefined {
  const name = (index: number) => perClass[index]?.class ?? '';
  const mistakes = confusion.flatMap((row, truth) =>
    row.flatMap((found, answer) =>
      truth === answer || found === 0
        ? []
        : [{ truth: name(truth), answer: name(answer), found, of: perClass[truth]?.pictures }],
    ),
  );
  return mistakes.length === 0 ? undefined : mistakesTable(mistakes);
}
