import { html, type Markup } from '../../../page/html';
import type { Spread } from '../summary';
import { along, gridLines, rounded } from '../../../page/scale';

const height = 18;

/**
 * Some values as a strip: a thin line from 5 % to 95 % of them, a thick one over the middle half, a dot at the
 * median, and a dashed line at the median of all classes to compare with.
 *
 * @param name - what the values are, for those who can't see it
 */
export function spreadStrip(name: string, spread: Spread, ofAll: number, ticks: readonly number[]): Markup {
  const most = ticks.at(-1) ?? 1;
  const line = (kind: string, from: number, to: number) =>
    html`<rect
      class="${kind}"
      x="${along(from, most)}"
      width="${rounded((100 * Math.max(to - from, most / 200)) / most)}%"
      y="${kind === 'ends' ? 8 : 5}"
      height="${kind === 'ends' ? 2 : 8}"
    />`;
  const all = along(ofAll, most);
  const words = [spread.low, spread.lower, spread.median, spread.upper, spread.high].map((value) =>
    value.toFixed(0),
  );
  const [low, lower, median, upper, high] = words;
  const label = `${name}: median ${median ?? ''}, middle half ${lower ?? ''} to ${upper ?? ''}, nine in ten ${low ?? ''} to ${high ?? ''}`;
  return html`<svg class="strip" width="100%" height="${height}" role="img" aria-label="${label}">
    ${gridLines(ticks, height)}
    <line class="reference" x1="${all}" x2="${all}" y1="0" y2="${height}" />
    ${line('ends', spread.low, spread.high)}${line('middle', spread.lower, spread.upper)}
    <circle class="median" cx="${along(spread.median, most)}" cy="9" r="3" />
  </svg>`;
}
