import { Failure } from '../../../contracts/failures';
import type { Phase } from '../phases';

/**
 * The part of a run that is rehearsed: the first, or the one that is named.
 *
 * @throws Failure `start-refused` where the run has no such part.
 */
export function chosenPhase(phases: readonly Phase[], name: string | undefined): Phase {
  const found = name === undefined ? phases[0] : phases.find((phase) => phase.name === name);
  if (found) return found;
  const known = phases.map((phase) => phase.name).join(', ');
  throw new Failure('start-refused', `This run has no such phase; it has ${known}.`);
}
