import type { RateRange } from '../../../contracts/schemas/rehearsal';
import type { RunConfig } from '../../../contracts/schemas/run';
import type { Learner } from '../learner';
import type { Phase } from '../phases';

/** A training that is rehearsed: its learner at the start. */
export interface Rehearsed {
  readonly config: RunConfig;
  readonly phase: Phase;
  readonly learner: Learner;
  readonly subject: RateRange['subject'];
  readonly onProgress: (done: number, total: number) => void;
}
