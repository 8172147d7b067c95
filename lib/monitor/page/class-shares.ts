import { percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { along } from '../../page/scale';

/** How often a class was answered. */
export interface ClassShare {
  readonly class: string;
  /** Of each sample's answers, in [0, 1]. */
  readonly reference: number;
  readonly window: number;
}

const most = 30;
const bar = { height: 7, gap: 2 };

/** How often each class was answered, of the reference and of the window; those that changed most come first. */
export function classShares(shares: readonly ClassShare[]): Markup | undefined {
  if (shares.length === 0) return undefined;
  const change = (one: ClassShare): number => Math.abs(one.window - one.reference);
  const shown = shares.toSorted((a, b) => change(b) - change(a)).slice(0, most);
  const longest = Math.max(...shown.flatMap(({ reference, window }) => [reference, window]), Number.EPSILON);
  const more = shares.length - shown.length;
  return html`<section id="answers" aria-labelledby="answers-title">
    <h2 id="answers-title">Answers</h2>
    <table class="answers">
      <caption>
        How often each class was the answer; those that changed most come first.
        ${more > 0 ? `${more} that changed less are left out.` : ''}
      </caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="number">Reference</th>
          <th scope="col" class="number">Window</th>
          <th scope="col" class="wide bars"><span class="unseen">The same as bars</span></th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          ({ class: name, reference, window }) =>
            html`<tr>
              <th scope="row">${nameMarkup(name, 60)}</th>
              <td class="number">${percent(reference, 1)}</td>
              <td class="number">${percent(window, 1)}</td>
              <td class="wide bars">
                <svg class="bar" width="100%" height="${2 * bar.height + bar.gap}" aria-hidden="true">
                  <rect class="before" width="${along(reference, longest)}" height="${bar.height}" />
                  <rect
                    class="train"
                    y="${bar.height + bar.gap}"
                    width="${along(window, longest)}"
                    height="${bar.height}"
                  />
                </svg>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
