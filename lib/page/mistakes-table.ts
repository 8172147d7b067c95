import { count } from './figures';
import { html, type Markup } from './html';
import { nameMarkup } from './names';

/** One kind of mistake, and how often it was made. */
export interface Mistaken {
  readonly truth: string;
  readonly answer: string;
  readonly found: number;
  /** Pictures of that truth in all, where they are to be told. */
  readonly of?: number | undefined;
}

const most = 20;

/** The commonest mistakes first. */
export function mistakesTable(mistakes: readonly Mistaken[], caption = 'The commonest mistakes.'): Markup {
  const rows = mistakes
    .toSorted((a, b) => b.found - a.found)
    .slice(0, most)
    .map(
      ({ truth, answer, found, of }) =>
        html`<tr>
          <td>${nameMarkup(truth, 60)}</td>
          <td>${nameMarkup(answer, 60)}</td>
          <td class="number">${count(found)}${of === undefined ? '' : ` of ${count(of)}`}</td>
        </tr>`,
    );
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        <th scope="col">Truth</th>
        <th scope="col">Answer</th>
        <th scope="col" class="number">Pictures</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
