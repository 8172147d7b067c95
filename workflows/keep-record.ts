import type { SweepRecord } from '../contracts/schemas/sweep-record';
import { trialsInPiece } from '../contracts/trial-pieces';
import { quick } from './activities';
import type { Trials } from './trials';

/** Writes what a sweep has come to into the store, for its report, for comparisons, and for sweeps that start from it. */
export async function keepRecord(
  trials: Trials,
  record: (from: number, to: number) => SweepRecord,
  ended?: number,
): Promise<void> {
  for (let from = 0; from < trials.size; from += trialsInPiece) {
    if (!trials.haveChanged(from, from + trialsInPiece)) continue;
    const { sweep, trials: piece } = record(from, from + trialsInPiece);
    await quick.keepTrials({ sweep, first: from, trials: piece });
  }
  await quick.keepSweep({
    ...record(0, 0),
    trials: trials.size,
    ...(ended !== undefined && { ended }),
  });
}
