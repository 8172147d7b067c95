export interface Weighted {
  readonly p: number;
  /** What part of the false alarms this test may have; all together add up to 1. */
  readonly weight: number;
}

/**
 * p values corrected for being several, so that the chance of one or more false alarms among all is at most the level they are compared
 * with, however the tests depend on each other: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
 * of Statistics 6 (1979), section 4 (with weights).
 *
 * @param tests - Their weights are positive and add up to 1.
 * @returns in the order given, each in [0, 1]
 */
export function holm(tests: readonly Weighted[]): number[] {
  const order = tests
    .map((test, at) => ({ at, ratio: test.p / test.weight }))
    .sort((a, b) => a.ratio - b.ratio);
  const adjusted = new Array<number>(tests.length).fill(1);
  // Added up from the least: what is left, without the errors of taking away.
  const left = new Array<number>(order.length).fill(0);
  for (let at = order.length - 1; at >= 0; at -= 1) {
    left[at] = (left[at + 1] ?? 0) + (tests[order[at]?.at ?? -1]?.weight ?? 0);
  }
  let largest = 0;
  order.forEach(({ at, ratio }, place) => {
    largest = Math.max(largest, (left[place] ?? 1) * ratio);
    adjusted[at] = Math.min(1, largest);
  });
  return adjusted;
}
