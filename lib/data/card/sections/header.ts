import { splitNames } from '../../../../contracts/schemas/documents';
import { shortVersion } from '../../versions';
import { stackedBar } from '../charts/stacked-bar';
import type { CardContent } from '../content';
import { bytes, count, counted, moment, percent, ratio } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import { tile } from '../../../page/tile';
import type { ClassSummary, Summary } from '../summary';

/** What the dataset is, and the figures that matter. */
export function header(content: CardContent, summary: Summary): Markup {
  const { name, version, at, pictures } = content;
  const { classes, perSplit, imbalance, leftOut, nearGroups } = summary;
  const files = pictures.length + leftOut;
  const alike = nearGroups.reduce((sum, group) => sum + group.pictures.length, 0);
  const named = ({ label, total }: ClassSummary) => html`${nameMarkup(label, 40)}, ${count(total)}`;
  const [largest, smallest] = [classes[0], classes.at(-1)];
  const differ = imbalance > 1;
  return html`<header>
    <p class="quiet">Data card</p>
    <h1>${nameMarkup(name)}</h1>
    <p>
      Version <code title="${version}">${shortVersion(version)}</code>, ingested
      <time datetime="${at}">${moment(at)}</time>
    </p>
    ${changes(content)}
    <dl class="tiles">
      ${tile('Pictures', count(pictures.length), `${count(perSplit.train)} to train on`)}
      ${tile('Size', bytes(summary.bytes), `${bytes(summary.bytes / Math.max(1, pictures.length))} a picture`)}
      ${tile('Classes', count(classes.length), largest && html`${differ ? 'largest: ' : 'first: '}${named(largest)}`)}
      ${tile('Imbalance', `${ratio(imbalance)} : 1`, smallest && differ ? html`smallest: ${named(smallest)}` : 'all are as large')}
      ${tile('Left out', count(leftOut), `${percent(leftOut, files)} of ${counted(files, 'file')}`)}
      ${tile('Near duplicates', count(nearGroups.length), alike > 0 ? `groups, of ${counted(alike, 'picture')}` : 'no two look the same')}
    </dl>
    ${splits(content, summary)}
  </header>`;
}

function splits({ pictures }: CardContent, { perSplit }: Summary): Markup {
  const shares = splitNames.map(
    (split) =>
      html`<li>
        <svg width="12" height="12" aria-hidden="true"><rect class="${split}" width="12" height="12" /></svg>
        ${split} <strong>${count(perSplit[split])}</strong>
        <span class="quiet">${percent(perSplit[split], pictures.length)}</span>
      </li>`,
  );
  return html`<div class="splits">
    ${stackedBar(perSplit, [0, Math.max(1, pictures.length)])}
    <ul class="legend" aria-label="Pictures in the splits">
      ${shares}
    </ul>
  </div>`;
}

function changes({ previous }: CardContent): Markup {
  if (previous === undefined) return html`<p>There is no earlier version to compare it with.</p>`;
  const { version, added, removed, relabelled } = previous;
  const same = added + removed + relabelled === 0;
  return html`<p>
    Since version <code title="${version}">${shortVersion(version)}</code>:
    ${
      same
        ? 'the same pictures under the same labels.'
        : html`<strong>${count(added)}</strong> added, <strong>${count(removed)}</strong> removed,
            <strong>${count(relabelled)}</strong> relabelled.`
    }
  </p>`;
}
