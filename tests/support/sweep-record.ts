import { sweepRecordSchema, type SweepRecord, type TrialRecord } from '../../contracts/schemas/sweep-record';

/** When every sweep of the tests began. */
export const sweepBegan = Date.UTC(2026, 10, 25, 8);

/** A finished trial of 10 epochs and 50 seconds, with whatever is said of it on top. */
export function trialRecord(trial: number, known: Partial<TrialRecord> = {}): TrialRecord {
  return {
    trial,
    parameters: {},
    state: 'finished',
    began: sweepBegan + trial * 60_000,
    ended: sweepBegan + trial * 60_000 + 50_000,
    planned: 10,
    epochs: 10,
    seconds: 50,
    ...known,
  };
}

/** A sweep of such trials that has ended, with whatever is said of its configuration on top. */
export function sweepRecord(
  trials: readonly TrialRecord[],
  config: Readonly<Record<string, unknown>> = {},
  sweep = 'sweep-1',
): SweepRecord {
  return sweepRecordSchema.parse({
    sweep,
    config: {
      method: 'random',
      parameters: { lr: { distribution: 'log_uniform_values', min: 1e-5, max: 0.1 } },
      ...config,
    },
    prepared: { uri: 'store://prepared/abc/index.json', sha256: 'ab'.repeat(32) },
    began: sweepBegan,
    ended: sweepBegan + 3_600_000,
    trials: [...trials],
  });
}
