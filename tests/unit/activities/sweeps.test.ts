import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSweepActivities } from '../../../activities/sweeps';
import type { SweepRecord, TrialRecord } from '../../../contracts/schemas/sweep-record';
import { inOneMessage } from '../../../contracts/trial-pieces';
import { wholeRecord } from '../../../cli/whole-record';
import { openStore } from '../../../lib/storage/open-store';
import { Trials } from '../../../workflows/trials';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

/** What Temporal takes in one message, in bytes. */
const mostBytes = 2 * 1024 * 1024;

/** The most trials that a sweep may have, with as much said of each as sweeps do that stop trials early. */
const many = (count: number, epochs: number): TrialRecord[] =>
  Array.from({ length: count }, (_, at) =>
    trialRecord(at + 1, {
      parameters: { lr: 0.0012345678 + at * 1e-9, batch_size: 32, 'network.dropout': 0.123456789 },
      metric: 0.123456789012345,
      run: '0123456789abcdef',
      values: Array.from({ length: epochs }, (_value, epoch) => 1 / (epoch + 1.3)),
    }),
  );

/** As the query `record` answers. */
function answering(record: SweepRecord, asked: number[] = []) {
  const trials = new Trials(record.sweep, record.config.metric, record.trials);
  return async (from: number): Promise<unknown> => {
    asked.push(from);
    const part = trials.records(from);
    expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(mostBytes);
    const next = from + part.length;
    return { ...record, trials: part, of: trials.size, ...(next < trials.size && { next }) };
  };
}

describe("a running sweep's record", () => {
  it('comes in parts that each fit a message, of 10,000 trials too', async () => {
    // Parsed once, by what is tested.
    const record = { ...sweepRecord([]), trials: many(10_000, 10) };
    const asked: number[] = [];
    const whole = await wholeRecord(answering(record, asked));
    expect(isDeepStrictEqual(whole.trials, record.trials)).toBe(true);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(25);
  });

  it('is refused where a part would never end', async () => {
    const record = sweepRecord(many(2, 1));
    await expect(wholeRecord(async () => ({ ...record, of: 5, next: 2 }))).rejects.toThrow(
      'the part from 2 on is followed by one from 2 on',
    );
  });
});

describe('a message', () => {
  it('holds one trial at least, and none where there is none', () => {
    const huge = trialRecord(1, { values: Array.from({ length: 100_000 }, (_, at) => at + 0.123) });
    expect(inOneMessage([huge, huge])).toHaveLength(1);
    expect(inOneMessage([])).toEqual([]);
  });
});

describe("the store's record of a sweep", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'drover-sweeps-'))));
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('is written and recalled in messages that fit, where trials tell of very many epochs', async () => {
    const activities = createSweepActivities({ store: openStore(folder) });
    const trials = many(150, 300);
    let messages = 0;
    for (let at = 0; at < trials.length; messages += 1) {
      const part = inOneMessage(trials.slice(at));
      // A message that is sent twice, as after a lost answer, changes nothing.
      for (const skip of [at, at]) await activities.keepTrials({ sweep: 's', first: 0, skip, trials: part });
      at += part.length;
    }
    expect(messages).toBeGreaterThan(1);
    const recalled: TrialRecord[] = [];
    while (recalled.length < trials.length) {
      const part = await activities.recallTrials({ sweep: 's', first: 0, skip: recalled.length });
      expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(mostBytes);
      recalled.push(...part);
    }
    expect(isDeepStrictEqual(recalled, trials)).toBe(true);
  });
});
