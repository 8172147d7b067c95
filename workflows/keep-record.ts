import type { SweepRecord } from '../contracts/schemas/sweep-record';
import { quick } from './activities';
import type { Trials } from './trials';

/** Trials that one activity is given at most: Temporal takes 2 MB in one message. */
export const trialsPerPiece = 500;

/** Writes what a sweep has come to into the store, for its report, for comparisons, and for sweeps that start from it. */
export async function keepRecord(
  trials: Trials,
  record: (from: number, to: number) => SweepRecord,
  ended?: number,
): Promise<void> {
  for (let from = 0; from < trials.size; from += trialsPerPiece) {
    if (!trials.haveChanged(from, from + trialsPerPiece)) continue;
    const { sweep, trials: piece } = record(from, from + trialsPerPiece);
    await quick.keepTrials({ sweep, first: from, trials: piece });
  }
  await quick.keepSweep({
    ...record(0, 0),
    trials: trials.size,
    ...(ended !== undefined && { ended }),
  });
}
