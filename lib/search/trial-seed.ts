import type { SweepConfig } from '../../contracts/schemas/sweep';
import { createRandom } from '../random';

/**
 * The seed that a trial trains with: what all of a sweep have in common, or one of its own, which its number and the sweep's seed give
 * alone, so that a trial that goes on from a rung goes on with its own.
 *
 * One seed for all compares settings on the same start and the same order of pictures, and finds what is good with these; a seed
 * each finds what is good on the whole, and a best trial that was lucky as well.
 *
 * @param trial - From 1.
 */
export function trialSeed(
  { seed, vary_seed: varies, train }: Pick<SweepConfig, 'seed' | 'vary_seed' | 'train'>,
  trial: number,
): number {
  return varies
    ? createRandom(seed)
        .fork(`training ${trial}`)
        .int(2 ** 31)
    : train.seed;
}
