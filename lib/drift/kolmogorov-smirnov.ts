export interface TwoSampleKs {
  /** The largest distance of the two empirical distribution functions, in [0, 1]. */
  readonly statistic: number;
  readonly p: number;
}

/** Up to so many values in the larger sample p is exact, as in SciPy's `ks_2samp`. */
const mostExact = 10_000;

/**
 * The two-sided Kolmogorov–Smirnov test of two samples: exact by counting lattice paths (J. L. Hodges, "The significance probability of the
 * Smirnov two-sample test", Arkiv för Matematik 3, 1958), asymptotic for more than 10,000 values in a sample. Ties make it conservative.
 *
 * @throws RangeError of an empty sample
 */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): TwoSampleKs {
  return testOfGap(first.length, second.length, largestGap(first, second));
}

/**
 * The test of samples whose {@link largestGap} is known: of several pairs of these sizes, the largest gap has the smallest p.
 *
 * @param n - Size of the first sample, at least 1; `m` of the second.
 */
export function testOfGap(n: number, m: number, gap: number): TwoSampleKs {
  const statistic = gap / (n * m);
  const p =
    Math.max(n, m) <= mostExact
      ? exactP(n, m, gap)
      : kolmogorovTail(Math.sqrt((n * m) / (n + m)) * statistic);
  return { statistic, p };
}

/**
 * The largest distance, times both sizes: a whole number, so that ties of distances are ties.
 *
 * @throws RangeError of an empty sample
 */
export function largestGap(first: ArrayLike<number>, second: ArrayLike<number>): number {
  if (first.length === 0 || second.length === 0)
    throw new RangeError('an empty sample can be compared with nothing');
  const [a, b] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] ?? NaN, b[j] ?? NaN);
    while (i < a.length && a[i] === value) i += 1;
    while (j < b.length && b[j] === value) j += 1;
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length));
  }
  return largest;
}

/**
 * The share of orders of n and m values in which the distance is at least `steps` / (n m): of all paths from (0, 0) to (n, m), those that
 * touch |i m − j n| ≥ steps. A path comes to (i, j) from (i − 1, j) in the share i / (i + j) of cases.
 */
function exactP(n: number, m: number, steps: number): number {
  if (steps === 0) return 1;
  /** Of a row of the lattice: the share of paths to each place that have touched. */
  const touched = new Float64Array(m + 1);
  for (let j = 0; j <= m; j += 1) touched[j] = j * n >= steps ? 1 : 0;
  for (let i = 1; i <= n; i += 1) {
    if (i * m >= steps) touched[0] = 1;
    for (let j = 1; j <= m; j += 1) {
      touched[j] =
        Math.abs(i * m - j * n) >= steps ? 1 : (i * (touched[j] ?? 0) + j * (touched[j - 1] ?? 0)) / (i + j);
    }
  }
  return Math.min(1, touched[m] ?? 1);
}

/**
 * The limit of P(√(nm/(n+m)) D ≥ x): Kolmogorov's distribution (N. Smirnov, "Table for estimating the goodness of fit of empirical
 * distributions", Annals of Mathematical Statistics 19, 1948).
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) {
    // The series in theta functions, which converges fast for small x.
    let below = 0;
    for (let k = 1; k <= 39; k += 2) below += Math.exp((-(k * k) * Math.PI ** 2) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * below;
  }
  let tail = 0;
  for (let k = 1; k <= 20; k += 1) tail += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, tail));
}
