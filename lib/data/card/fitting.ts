import type { Markup } from '../../page/html';

/**
 * The first of some rows, as many as there is room for: names come from strangers, and escaping makes them longer,
 * so that a number of rows alone is no bound on the size of a page.
 *
 * @param characters - that all the rows may have together
 */
export function fittingRows<T>(items: readonly T[], characters: number, row: (item: T) => Markup): Markup[] {
  const rows: Markup[] = [];
  let written = 0;
  for (const item of items) {
    const made = row(item);
    written += made.toString().length;
    if (written > characters) break;
    rows.push(made);
  }
  return rows;
}
