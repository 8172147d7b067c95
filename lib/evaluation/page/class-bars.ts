import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { along } from '../../page/scale';
import { decimals, type EvaluationReport } from './content';

const mostRows = 1000;
const openRows = 40;

/** Precision, recall, F1 and ROC AUC of each class, the worst F1 first. */
export function classBars({ evaluation }: EvaluationReport): Markup {
  const sorted = [...evaluation.perClass].sort((a, b) => (a.f1 ?? 2) - (b.f1 ?? 2));
  const rows = sorted.slice(0, mostRows).map(
    (one) =>
      html`<tr>
        <th scope="row">${nameMarkup(one.class, 40)}</th>
        <td class="number">${count(one.pictures)}</td>
        <td class="number">${decimals(one.precision)}</td>
        <td class="number">${decimals(one.recall)}</td>
        <td class="number">${decimals(one.f1)}</td>
        <td class="bars wide">${f1Bar(one.f1)}</td>
        <td class="number">${decimals(one.rocAuc)}</td>
      </tr>`,
  );
  return html`<section id="classes" aria-labelledby="classes-title">
    <h2 id="classes-title">Classes</h2>
    ${table(rows.slice(0, openRows))}
    ${
      rows.length > openRows
        ? html`<details>
            <summary><h3>${count(sorted.length - openRows)} more classes</h3></summary>
            ${table(rows.slice(openRows))}
            ${
              rows.length < sorted.length
                ? html`<p class="quiet">
                    And ${count(sorted.length - rows.length)} with a higher F1; all are in
                    <code>evaluation.json</code> beside this page.
                  </p>`
                : undefined
            }
          </details>`
        : undefined
    }
  </section>`;
}

function table(rows: readonly Markup[]): Markup {
  return html`<div class="scroll">
    <table class="classes">
      <caption>
        The worst by F1 first. A dash: the model never answered the class, or no picture is of it.
      </caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="number">Pictures</th>
          <th scope="col" class="number">Precision</th>
          <th scope="col" class="number">Recall</th>
          <th scope="col" class="number">F1</th>
          <th scope="col" class="wide"><span class="unseen">F1 as a bar</span></th>
          <th scope="col" class="number">ROC AUC</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function f1Bar(f1: number | null): Markup | undefined {
  if (f1 === null) return undefined;
  return html`<svg class="bar" width="100%" height="12" aria-hidden="true">
    <rect class="rest" width="100%" height="12" />
    <rect class="train" width="${along(f1, 1)}" height="12" />
  </svg>`;
}
