export interface RocArea {
  /** The chance that a value of the second sample is above one of the first, ties counting half. */
  readonly area: number;
  readonly variance: number;
}

/**
 * The area under the ROC curve with the variance of DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated
 * receiver operating characteristic curves", Biometrics 44 (1988).
 *
 * @returns variance 0 where a sample has one value
 */
export function rocArea(first: ArrayLike<number>, second: ArrayLike<number>): RocArea {
  const [low, high] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  const ofSecond = placements(high, low);
  const ofFirst = placements(low, high).map((share) => 1 - share);
  return {
    area: meanOf(ofSecond),
    variance: varianceOf(ofSecond) / ofSecond.length + varianceOf(ofFirst) / ofFirst.length,
  };
}

/** The area alone, of samples that are sorted. */
export function areaOfSorted(first: Float64Array, second: Float64Array): number {
  return meanOf(placements(second, first));
}

/** Of each value, the share of the others that are below it, equal ones counting half; both are sorted. */
function placements(values: Float64Array, others: Float64Array): Float64Array {
  let [below, upTo] = [0, 0];
  return values.map((value) => {
    while (below < others.length && (others[below] ?? NaN) < value) below += 1;
    upTo = Math.max(upTo, below);
    while (upTo < others.length && (others[upTo] ?? NaN) <= value) upTo += 1;
    return (below + upTo) / 2 / others.length;
  });
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
