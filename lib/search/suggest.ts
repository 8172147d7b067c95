import { Failure } from '../../contracts/failures';
import { createRandom } from '../random';
import { quantile } from './distributions';
import type { Space } from './space';

export interface Suggesting {
  readonly method: string;
  readonly seed: number | string;
  /** Counted from 1. */
  readonly trial: number;
}

/**
 * What a trial should try: values by the parameters' dotted names.
 *
 * A function of seed, trial and name alone: trials may be asked for in any order, and a parameter more in
 * the space changes nothing for the others.
 *
 * @throws Failure `configuration-invalid` for a method other than `random`.
 */
export function suggest(space: Space, { method, seed, trial }: Suggesting): Record<string, unknown> {
  if (method !== 'random') {
    throw new Failure('configuration-invalid', `method ${method} comes later; use method: random`);
  }
  const random = createRandom(seed).fork(`trial-${trial}`);
  return Object.fromEntries(
    space.parameters.map(({ name, distribution }) => {
      // The middle of one of 2³² cells: never 0, whose quantile may be infinite.
      const u = random.fork(name).next() + 2 ** -33;
      return [name, quantile(distribution, u)];
    }),
  );
}
