import type { TrialSeen } from '../../contracts/search';
import { createRandom } from '../random';
import { suggestByBayes } from './bayes';
import { isAskedFor, parentsFirst } from './conditions';
import { coordinatesOf } from './coordinates';
import { quantile } from './distributions';
import { evidenceOf } from './evidence';
import { nextCell } from './grid';
import type { Space } from './space';
import { suggestByTpe } from './tpe';

/** How a sweep looks for better parameters. */
export type Method = 'grid' | 'random' | 'bayes' | 'tpe';

/** All that a search knows when it is asked. */
export interface SearchState {
  readonly space: Space;
  readonly method: Method;
  readonly goal: 'minimize' | 'maximize';
  readonly seed: number | string;
  /** The trials before, in the order in which they were begun; `random` needs none. */
  readonly observed: readonly TrialSeen[];
  /** Trials of earlier sweeps, that bayes and tpe learn from; a grid doesn't leave them out. */
  readonly earlier?: readonly TrialSeen[];
}

/**
 * What a trial should try: values by the parameters' dotted names. A function of what it is given alone, so that a search that
 * is interrupted goes on as it would have.
 *
 * @param trial - Counted from 1.
 * @returns undefined where a grid has no cell left.
 */
export function suggest(state: SearchState, trial: number): Record<string, unknown> | undefined {
  const { space, method, observed, seed } = state;
  switch (method) {
    case 'random':
      return draw(state, trial);
    case 'grid':
      return nextCell(
        space,
        observed.map(({ parameters }) => parameters),
      );
    case 'bayes':
    case 'tpe': {
      const coordinates = coordinatesOf(space);
      const search = method === 'bayes' ? suggestByBayes : suggestByTpe;
      const random = createRandom(seed).fork(method);
      return coordinates.decode(search(coordinates, evidenceOf(state, coordinates), trial, random));
    }
  }
}

/**
 * A function of seed, trial and name: trials may be asked for in any order, and a parameter more in the space changes
 * nothing for the others.
 */
function draw({ space, seed }: SearchState, trial: number): Record<string, unknown> {
  const random = createRandom(seed).fork(`trial-${trial}`);
  const drawn: Record<string, unknown> = {};
  for (const parameter of parentsFirst(space.parameters)) {
    if (!isAskedFor(parameter, drawn)) continue;
    // The middle of one of 2³² cells: never 0, whose quantile may be infinite.
    const u = random.fork(parameter.name).next() + 2 ** -33;
    drawn[parameter.name] = quantile(parameter.distribution, u);
  }
  const asked = space.parameters.filter(({ name }) => Object.hasOwn(drawn, name));
  return Object.fromEntries(asked.map(({ name }) => [name, drawn[name]]));
}
