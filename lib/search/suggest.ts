import type { TrialSeen } from '../../contracts/search';
import type { SweepConfig } from '../../contracts/schemas/sweep';
import { createRandom } from '../random';
import { quantile } from './distributions';
import { nextCell } from './grid';
import type { Space } from './space';

/** All that a search knows when it is asked. */
export interface SearchState {
  readonly space: Space;
  readonly method: SweepConfig['method'];
  readonly goal: SweepConfig['metric']['goal'];
  readonly seed: number | string;
  /** The trials before, in the order in which they were begun; `random` needs none. */
  readonly observed: readonly TrialSeen[];
}

/**
 * What a trial should try: values by the parameters' dotted names. A function of what it is given alone, so that a search that
 * is interrupted goes on as it would have.
 *
 * @param trial - Counted from 1.
 * @returns undefined where a grid has no cell left.
 */
export function suggest(state: SearchState, trial: number): Record<string, unknown> | undefined {
  switch (state.method) {
    case 'random':
      return draw(state, trial);
    case 'grid':
      return nextCell(
        state.space,
        state.observed.map(({ parameters }) => parameters),
      );
  }
}

/**
 * A function of seed, trial and name: trials may be asked for in any order, and a parameter more in the space changes
 * nothing for the others.
 */
function draw({ space, seed }: SearchState, trial: number): Record<string, unknown> {
  const random = createRandom(seed).fork(`trial-${trial}`);
  return Object.fromEntries(
    space.parameters.map(({ name, distribution }) => {
      // The middle of one of 2³² cells: never 0, whose quantile may be infinite.
      const u = random.fork(name).next() + 2 ** -33;
      return [name, quantile(distribution, u)];
    }),
  );
}
