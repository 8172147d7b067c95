import { createRandom } from '../../lib/random';

/**
 * How far the best value of the first trials is from the least there is.
 *
 * @param floor - What it never is below, since it goes into a logarithm: else what double precision can tell.
 */
export function regretAfter(trials: number, values: readonly number[], least: number, floor = 1e-12): number {
  return Math.max(floor, Math.min(...values.slice(0, trials)) - least);
}

export interface RegretRatio {
  /** The geometric mean of ours over theirs: below 1 is better. */
  readonly ratio: number;
  /** The interval that holds 95 of 100 resamples of the seeds. */
  readonly low: number;
  readonly high: number;
}

const resamples = 4000;

/** The mean, and the interval that holds 95 of 100 resamples' means: the percentile bootstrap (Efron, 1979). */
export function meanOf(values: readonly number[]): { mean: number; low: number; high: number } {
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const random = createRandom(1).fork('regret');
  const means = Array.from({ length: resamples }, () =>
    mean(values.map(() => values[random.int(values.length)] ?? NaN)),
  ).toSorted((one, other) => one - other);
  const at = (share: number) => means[Math.round(share * (resamples - 1))] ?? NaN;
  return { mean: mean(values), low: at(0.025), high: at(0.975) };
}

/**
 * The mean of ln(ours / theirs), as a ratio, with its percentile bootstrap (Efron, 1979) over seeds.
 *
 * @param ours - A regret for each seed, as `theirs`.
 */
export function ratioOfRegrets(ours: readonly number[], theirs: readonly number[]): RegretRatio {
  const { mean, low, high } = meanOf(ours.map((regret, at) => Math.log(regret / (theirs[at] ?? NaN))));
  return { ratio: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}
