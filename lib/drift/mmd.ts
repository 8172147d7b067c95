import type { Random } from '../random';
import { squaredDistance } from './distances';
import { drawFirst, permutationP, rounding } from './permutations';
import { createTurns } from './turns';

export interface MeanDiscrepancy {
  /** Unbiased estimate of the squared MMD: about 0 without drift, also below. */
  readonly statistic: number;
  readonly p: number;
  /** The kernel's σ. */
  readonly bandwidth: number;
}

interface MmdOptions {
  readonly permutations: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The maximum mean discrepancy of two samples with the kernel exp(−d² / 2σ²), σ being the median distance of all pairs, and its p value by
 * permutation: Gretton et al., "A kernel two-sample test", JMLR 13 (2012), lemma 6 (unbiased) and section 8 (median).
 *
 * @param first - `[n, dimensions]`, n ≥ 2
 * @param second - `[m, dimensions]`, m ≥ 2
 * @throws RangeError of fewer; the signal's reason
 */
export async function meanDiscrepancy(
  first: Float32Array,
  second: Float32Array,
  dimensions: number,
  { permutations, random, signal }: MmdOptions,
): Promise<MeanDiscrepancy> {
  const [n, m] = [first.length / dimensions, second.length / dimensions];
  if (n < 2 || m < 2) throw new RangeError(`MMD needs two of each sample, not ${n} and ${m}`);
  const turn = createTurns(signal);
  const pooled = new Float32Array(first.length + second.length);
  pooled.set(first);
  pooled.set(second, first.length);
  const total = n + m;
  const kernel = new Float64Array(total * total);
  for (let row = 0; row < total; row += 1) {
    for (let column = 0; column < row; column += 1) {
      const distance = squaredDistance(pooled, row, pooled, column, dimensions);
      kernel[row * total + column] = distance;
      kernel[column * total + row] = distance;
    }
    await turn();
  }
  const median = medianOfPairs(kernel, total);
  // Where more than half of the pairs are equal, any width does.
  const width = median > 0 ? median : 1;
  const rows = new Float64Array(total);
  for (let row = 0; row < total; row += 1) {
    let sum = 0;
    for (let at = row * total; at < (row + 1) * total; at += 1) {
      const value = Math.exp(-(kernel[at] ?? 0) / (2 * width));
      kernel[at] = value;
      sum += value;
    }
    kernel[row * total + row] = 0;
    rows[row] = sum - 1;
    await turn();
  }
  const all = rows.reduce((sum, row) => sum + row, 0);
  // Sums over the smaller group alone decide: the others follow from the sums of rows.
  const [small, large] = [Math.min(n, m), Math.max(n, m)];
  const statisticOf = (members: Int32Array): number => {
    let [within, theirRows] = [0, 0];
    for (let at = 0; at < small; at += 1) {
      const member = members[at] ?? 0;
      theirRows += rows[member] ?? 0;
      const row = member * total;
      for (let other = 0; other < at; other += 1) within += kernel[row + (members[other] ?? 0)] ?? 0;
    }
    within *= 2;
    const between = theirRows - within;
    const others = all - 2 * between - within;
    return within / (small * (small - 1)) + others / (large * (large - 1)) - (2 * between) / (small * large);
  };
  const order = Int32Array.from({ length: total }, (_, at) => at);
  const statistic = statisticOf(n <= m ? order : order.subarray(n));
  let atLeast = 0;
  for (let permutation = 0; permutation < permutations; permutation += 1) {
    drawFirst(order, small, random);
    if (statisticOf(order) >= statistic - rounding) atLeast += 1;
    await turn();
  }
  return { statistic, p: permutationP(atLeast, permutations), bandwidth: Math.sqrt(width) };
}

/** Of the squared distances below the diagonal; of an even count, the mean of the distances in the middle, squared. */
function medianOfPairs(squared: Float64Array, total: number): number {
  const pairs = new Float64Array((total * (total - 1)) / 2);
  for (let row = 1, at = 0; row < total; row += 1) {
    for (let column = 0; column < row; column += 1, at += 1) pairs[at] = squared[row * total + column] ?? 0;
  }
  pairs.sort();
  const middle = pairs.length >> 1;
  const upper = Math.sqrt(pairs[middle] ?? 0);
  return (pairs.length % 2 === 1 ? upper : (upper + Math.sqrt(pairs[middle - 1] ?? 0)) / 2) ** 2;
}
