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
    const to = Math.min(trials.size, from + trialsInPiece);
    if (!trials.haveChanged(from, to)) continue;
    // One message, but where trials tell of very many epochs.
    for (let at = from; at < to;) {
      const { sweep, trials: piece } = record(at, to);
      await quick.keepTrials({ sweep, first: from, ...(at > from && { skip: at - from }), trials: piece });
      at += piece.length;
    }
  }
  await quick.keepSweep({
    ...record(0, 0),
    trials: trials.size,
    ...(ended !== undefined && { ended }),
  });
}
