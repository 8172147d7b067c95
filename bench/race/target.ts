/** Digits that the table has of an accuracy, and a target. */
const digits = 4;

/**
 * The median of what a random sweep of so many trials ends with, each as good as one of those that are known, drawn at random whatever came
 * before. Of `n` draws the best is at most the `k`-th of all `N` with a chance of `(k / N) ** n`: the median is the first of which that
 * is a half. Nothing is drawn for it.
 *
 * @param ends - Best validation accuracies of whole trials, in [0, 1].
 * @returns One of them, to as many digits as the table has.
 * @throws Error where there is none.
 */
export function medianRandomEnd(ends: readonly number[], trials: number): number {
  const inOrder = ends.toSorted((one, other) => one - other);
  const median = inOrder[Math.ceil(ends.length * 0.5 ** (1 / trials)) - 1];
  if (median === undefined) throw new Error('Of no trial it is known how it ends');
  return Number(median.toFixed(digits));
}

/** Whether an accuracy is as good as a target, to as many digits as that has: 231 of 671 is the table's 0.3443. */
export function meets(accuracy: number, target: number): boolean {
  return Number(accuracy.toFixed(digits)) >= target;
}
