import { z } from 'zod';
import {
  sweepHeadSchema,
  trialRecordSchema,
  type SweepHead,
  type TrialRecord,
} from '../contracts/schemas/sweep-record';
import type { Store } from '../lib/storage/store';
import { trialsInPiece, writeSweepHead, writeTrials } from '../lib/sweeps/sweep-records';
import { parseInput } from './input';

export interface KeepTrialsInput {
  /** The sweep's workflow id. */
  readonly sweep: string;
  /** How many trials come before the first of these: a multiple of 500. */
  readonly first: number;
  readonly trials: readonly TrialRecord[];
}

interface Dependencies {
  readonly store: Store;
}

const pieceSchema = z.strictObject({
  sweep: z.string().min(1),
  first: z.int().min(0).multipleOf(trialsInPiece),
  trials: z.array(trialRecordSchema).max(trialsInPiece),
});

/** What a sweep came to goes into the store, where it outlasts its history. */
export function createSweepActivities({ store }: Dependencies) {
  return {
    /** Some of the trials, in place of what was written of them before. */
    async keepTrials(input: KeepTrialsInput): Promise<void> {
      const { sweep, first, trials } = parseInput(pieceSchema, input, 'keepTrials');
      await writeTrials(store, sweep, first / trialsInPiece, trials);
    },

    /** What the sweep is, once all of its trials are written. */
    async keepSweep(input: SweepHead): Promise<void> {
      await writeSweepHead(store, parseInput(sweepHeadSchema, input, 'keepSweep'));
    },
  };
}
