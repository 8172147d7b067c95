/** How many values lie between which bounds. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper bounds of the buckets, rising; the first begins at `min`. */
  readonly limits: readonly number[];
  /** Values in each bucket. */
  readonly buckets: readonly number[];
}

/** As many as TensorBoard asks for by default. */
const bucketCount = 30;

/** Buckets of equal width over all finite values; undefined where there are none. */
export function histogramOf(values: Float32Array): Histogram | undefined {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return undefined;
  const totals = { min, max, count, sum, sumOfSquares };
  if (min === max) return { ...totals, limits: [max], buckets: [count] };
  const width = (max - min) / bucketCount;
  const buckets = new Array<number>(bucketCount).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bucket = Math.min(bucketCount - 1, Math.floor((value - min) / width));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const limits = buckets.map((_, bucket) => (bucket === bucketCount - 1 ? max : min + (bucket + 1) * width));
  return { ...totals, limits, buckets };
}
