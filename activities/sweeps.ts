import { log } from '@temporalio/activity';
import { z } from 'zod';
import { Failure } from '../contracts/failures';
import {
  sweepHeadSchema,
  trialRecordSchema,
  type SweepHead,
  type TrialRecord,
} from '../contracts/schemas/sweep-record';
import { inOneMessage, trialsInPiece } from '../contracts/trial-pieces';
import type { Store } from '../lib/storage/store';
import { picturesOf } from '../lib/sweeps/pictures-of';
import { sweepReport } from '../lib/sweeps/report/page';
import { readSweepRecord, readTrials, writeSweepHead, writeTrials } from '../lib/sweeps/sweep-records';
import { storeFromReport, writeSweepReport } from '../lib/sweeps/sweep-report-file';
import { parseInput } from './input';
import { countGpuSlots } from './slots';

export interface KeepTrialsInput {
  /** The sweep's workflow id. */
  readonly sweep: string;
  /** How many trials come before the first of these: a multiple of 500. */
  readonly first: number;
  /** How many from `first` on were written in messages before; none where it is left out. */
  readonly skip?: number;
  readonly trials: readonly TrialRecord[];
}

interface Dependencies {
  readonly store: Store;
}

const pieceSchema = z.strictObject({
  sweep: z.string().min(1),
  first: z.int().min(0).multipleOf(trialsInPiece),
  skip: z.int().min(0).max(trialsInPiece).default(0),
  trials: z.array(trialRecordSchema).max(trialsInPiece),
});

/** What a sweep came to goes into the store, where it outlasts its history. */
export function createSweepActivities({ store }: Dependencies) {
  return {
    /** How many trainings there can be at once; undefined where nobody knows. */
    gpuSlots: (): Promise<number | undefined> => countGpuSlots(store),

    /** Some of the trials, in place of what was written of them before. */
    async keepTrials(input: KeepTrialsInput): Promise<void> {
      const { sweep, first, skip, trials } = parseInput(pieceSchema, input, 'keepTrials');
      const piece = first / trialsInPiece;
      const before = skip === 0 ? [] : (await readTrials(store, sweep, piece)).slice(0, skip);
      await writeTrials(store, sweep, piece, [...before, ...trials]);
    },

    /** The trials that were written last, those of a piece from `first` + `skip` on, as many as a message holds. */
    async recallTrials({ sweep, first, skip = 0 }: Omit<KeepTrialsInput, 'trials'>): Promise<TrialRecord[]> {
      return inOneMessage((await readTrials(store, sweep, first / trialsInPiece)).slice(skip));
    },

    /** What the sweep is, once all of its trials are written; and its report, once it has ended. */
    async keepSweep(input: SweepHead): Promise<void> {
      const head = parseInput(sweepHeadSchema, input, 'keepSweep');
      await writeSweepHead(store, head);
      if (head.ended === undefined) return;
      const record = await readSweepRecord(store, head.sweep);
      if (!record) throw new Error('the record that was just written is gone');
      try {
        const page = sweepReport(record, {
          ...{ at: head.ended, storeAt: storeFromReport },
          pictures: await picturesOf(store, record.prepared),
        });
        await writeSweepReport(store, head.sweep, page);
      } catch (error) {
        if (error instanceof Failure) throw error;
        // A defect in a page must not cost the sweep that it tells of.
        log.warn('The report of the sweep could not be written', { sweep: head.sweep, error });
      }
    },
  };
}
