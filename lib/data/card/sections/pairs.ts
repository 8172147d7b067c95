import type { FindingKind } from '../../../../contracts/schemas/dataset';
import { count } from '../../../page/figures';
import { pairKinds, type Gallery, type Pair, type Shown } from '../gallery';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import type { Summary } from '../summary';
import { pictureMarkup } from './picture';

const titles: Readonly<Record<(typeof pairKinds)[number], string>> = {
  conflict: 'The same picture under two labels',
  near_conflict: 'Looks the same, labelled differently',
  leak: 'Looks the same, in two splits',
};

/** Conflicts and leaks, two files side by side, so that a person can decide; nothing where there are none. */
export function pairs({ kinds }: Summary, gallery: Gallery): Markup | undefined {
  const blocks = pairKinds.flatMap((kind) => {
    const shown = gallery.pairs.get(kind) ?? [];
    if (shown.length === 0) return [];
    const all = kinds.find((found) => found.kind === kind)?.findings.length ?? 0;
    return [
      html`<h3>${titles[kind]}</h3>
        <ul class="pairs">
          ${shown.map((pair) => pairMarkup(kind, pair, gallery))}
        </ul>
        <p class="quiet">
          From ${count(all)} such findings; the files are <a href="#kind-${kind}">listed below</a>.
        </p>`,
    ];
  });
  if (blocks.length === 0) return undefined;
  return html`<section id="pairs" aria-labelledby="pairs-title">
    <h2 id="pairs-title">To decide on</h2>
    ${blocks}
  </section>`;
}

function pairMarkup(kind: FindingKind, { one, other }: Pair, gallery: Gallery): Markup {
  const half = (shown: Shown) =>
    html`<figure>
      ${pictureMarkup(shown, gallery)}
      <figcaption>
        ${
          shown.label === undefined ? undefined : html`<strong>${nameMarkup(shown.label, 40)}</strong>`
        }${kind === 'leak' && shown.picture ? html` in ${shown.picture.split}` : undefined}<br /><span
          class="quiet"
          >${nameMarkup(shown.path, 60)}</span
        >
      </figcaption>
    </figure>`;
  return html`<li>${half(one)}${half(other)}</li>`;
}
