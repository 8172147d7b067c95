import { createRandom } from '../lib/random';

/** The middle value; of an even count, the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

export interface Ratio {
  readonly ratio: number;
  /** The interval that holds 95 of 100 resamples. */
  readonly low: number;
  readonly high: number;
}

const resamples = 4000;

/**
 * The ratio of two medians with its interval: the percentile bootstrap (Efron, 1979) over rounds, which are drawn as they
 * were run, one value of each side, so that a slow minute of the machine weighs on both.
 *
 * @param ours - One value a round, as `theirs`, in the same order.
 */
export function ratioOfMedians(ours: readonly number[], theirs: readonly number[]): Ratio {
  const random = createRandom(1).fork('bootstrap');
  const ratios = Array.from({ length: resamples }, () => {
    const rounds = ours.map(() => random.int(ours.length));
    const pick = (values: readonly number[]) => medianOf(rounds.map((round) => values[round] ?? NaN));
    return pick(ours) / pick(theirs);
  }).toSorted((a, b) => a - b);
  const at = (share: number) => ratios[Math.round(share * (resamples - 1))] ?? NaN;
  return { ratio: medianOf(ours) / medianOf(theirs), low: at(0.025), high: at(0.975) };
}
