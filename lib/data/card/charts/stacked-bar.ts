import { splitNames, type SplitName } from '../../../../contracts/schemas/documents';
import { html, type Markup } from '../../../page/html';
import { along, gridLines, rounded } from '../../../page/scale';

const height = 16;

/** Pictures in the three splits, end to end, on an axis of the given ticks. For the eye: the figures stand beside. */
export function stackedBar(perSplit: Readonly<Record<SplitName, number>>, ticks: readonly number[]): Markup {
  const most = ticks.at(-1) ?? 1;
  let from = 0;
  const parts = splitNames.map((split) => {
    const x = along(from, most);
    from += perSplit[split];
    const width = `${rounded((100 * perSplit[split]) / most)}%`;
    return perSplit[split] > 0
      ? html`<rect class="${split}" x="${x}" y="1" width="${width}" height="${height - 2}" />`
      : undefined;
  });
  return html`<svg class="bar" width="100%" height="${height}" aria-hidden="true">
    ${gridLines(ticks, height)}${parts}
  </svg>`;
}

/** What the three colours mean. */
export function splitLegend(): Markup {
  const entries = splitNames.map(
    (split) =>
      html`<li>
        <svg width="12" height="12" aria-hidden="true"><rect class="${split}" width="12" height="12" /></svg>
        ${split}
      </li>`,
  );
  return html`<ul class="legend" aria-label="Colours of the splits">
    ${entries}
  </ul>`;
}
