import { cells } from '../search/table/cells';
import type { RecordedRun } from '../search/table/read';

/** Digits that the table has of an accuracy, and a target. */
const digits = 4;

/**
 * The median of what a random sweep of so many trials ends with, each trial a setting of the table drawn at random, whatever came before, and
 * trained to its end. Of `n` draws the best is at most the `k`-th of all `N` settings with a chance of `(k / N) ** n`: the median is the first
 * of which that is a half. Nothing is drawn for it.
 *
 * @param table - All settings, by their names.
 * @returns A validation accuracy, in [0, 1].
 */
export function medianRandomEnd(table: ReadonlyMap<string, RecordedRun>, trials: number): number {
  const ends = [...table.values()]
    .map(({ accuracy }) => Math.max(...accuracy))
    .toSorted((one, other) => one - other);
  const median = ends[Math.ceil(cells.length * 0.5 ** (1 / trials)) - 1];
  if (median === undefined || ends.length !== cells.length) {
    throw new Error(`Of ${cells.length} settings, ${ends.length} were recorded`);
  }
  return median;
}

/** Whether an accuracy is as good as a target, to as many digits as that has: 231 of 671 is the table's 0.3443. */
export function meets(accuracy: number, target: number): boolean {
  return Number(accuracy.toFixed(digits)) >= target;
}
