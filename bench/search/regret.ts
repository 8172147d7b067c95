import { createRandom } from '../../lib/random';

/** How far the best value of the first trials is from the least there is; never below what double precision can tell. */
export function regretAfter(trials: number, values: readonly number[], least: number): number {
  return Math.max(1e-12, Math.min(...values.slice(0, trials)) - least);
}

export interface RegretRatio {
  /** The geometric mean of ours over theirs: below 1 is better. */
  readonly ratio: number;
  /** The interval that holds 95 of 100 resamples of the seeds. */
  readonly low: number;
  readonly high: number;
}

const resamples = 4000;

/**
 * The mean of ln(ours / theirs), as a ratio, with its percentile bootstrap (Efron, 1979) over seeds.
 *
 * @param ours - A regret for each seed, as `theirs`.
 */
export function ratioOfRegrets(ours: readonly number[], theirs: readonly number[]): RegretRatio {
  const logs = ours.map((regret, at) => Math.log(regret / (theirs[at] ?? NaN)));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const random = createRandom(1).fork('regret');
  const means = Array.from({ length: resamples }, () =>
    mean(logs.map(() => logs[random.int(logs.length)] ?? NaN)),
  ).toSorted((one, other) => one - other);
  const at = (share: number) => Math.exp(means[Math.round(share * (resamples - 1))] ?? NaN);
  return { ratio: Math.exp(mean(logs)), low: at(0.025), high: at(0.975) };
}
