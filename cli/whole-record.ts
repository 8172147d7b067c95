import { sweepRecordPartSchema, type SweepRecord } from '../contracts/schemas/sweep-record';

/**
 * A running sweep's record with all of its trials, asked for part by part, as Temporal takes no more than 2 MB in one answer.
 *
 * @param ask - The query `record`, with the place of the first trial of a part.
 * @throws where it does not answer, or not with parts of a record
 */
export async function wholeRecord(ask: (from: number) => Promise<unknown>): Promise<SweepRecord> {
  const trials: SweepRecord['trials'] = [];
  for (let from = 0; ;) {
    const { of: _of, next, ...part } = sweepRecordPartSchema.parse(await ask(from));
    trials.push(...part.trials);
    if (next === undefined) return { ...part, trials };
    if (next <= from) throw new Error(`the part from ${from} on is followed by one from ${next} on`);
    from = next;
  }
}
