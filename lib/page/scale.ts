import { count } from './figures';
import { html, type Markup } from './html';

/**
 * A position along an axis as a percentage of it: charts that stand in tables are drawn in percentages, so that
 * they are as wide as there is room, and their lines stay as thin as they are.
 */
export function along(value: number, most: number): string {
  return `${rounded((100 * Math.min(Math.max(value, 0), most)) / most)}%`;
}

/** A coordinate without the digits that nobody sees, so that a page stays small. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Round steps from zero to a round number that is not below the value, one step at least (Heckbert, "Nice numbers", 1990). */
export function niceSteps(value: number, steps: number): number[] {
  const rough = Math.max(value, 1) / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((times) => times * power).find((nice) => nice >= rough) ?? 1);
  const needed = Math.max(1, Math.ceil(value / step - 1e-9));
  return Array.from({ length: needed + 1 }, (_, index) => index * step);
}

/** 1, 2, 5, 10, 20 … from the first to the second, both included where they are such numbers; of many, 1, 10, 100 … */
export function logTicks(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    ticks.push(...[power, 2 * power, 5 * power].filter((tick) => tick >= from && tick <= to));
  }
  // Over many powers of ten their names would run into each other.
  return ticks.length > 7 ? ticks.filter((tick) => Number.isInteger(Math.log10(tick))) : ticks;
}

/** The axis above a column of bars: for the eye alone, as each row says its own values. */
export function axisAbove(ticks: readonly number[]): Markup {
  const most = ticks.at(-1) ?? 1;
  const labels = ticks.map((tick, index) => {
    const anchor = index === 0 ? 'start' : index === ticks.length - 1 ? 'end' : 'middle';
    // Those between the ends give way where there is little room.
    const place = anchor === 'middle' ? 'between' : 'end';
    return html`<text class="${place}" x="${along(tick, most)}" y="11" text-anchor="${anchor}"
      >${count(tick)}</text
    >`;
  });
  return html`<svg class="axis" width="100%" height="14" aria-hidden="true">${labels}</svg>`;
}

/** Thin lines behind a bar, where the axis has its ticks. */
export function gridLines(ticks: readonly number[], height: number): Markup {
  const most = ticks.at(-1) ?? 1;
  const lines = ticks.map((tick) => {
    const x = along(tick, most);
    return html`<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}" />`;
  });
  return html`${lines}`;
}
