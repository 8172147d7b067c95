import { describe, expect, it, jest } from '@jest/globals';
import { outcomes, sweepUnderKills } from '../support/chaotic-sweep';

jest.setTimeout(400_000);

const chaos = {
  config: {
    method: 'tpe',
    parameters: {
      lr: { distribution: 'log_uniform_values', min: 1e-4, max: 3e-2 },
      'network.dropout': { min: 0.0, max: 0.5 },
    },
    early_terminate: { type: 'asha', min_epochs: 5, max_epochs: 45 },
    run_cap: 4,
    parallelism: 1,
    train: { network: { name: 'cnn', filters: [8, 16], dense: 32 }, checkpoint_every: '1s' },
  },
  seed: 'chaos',
  variations: 6,
  pause: [1000, 4000],
  say: () => undefined,
} as const;

describe('a sweep under kill -9 of workers, of the server, and of everything', () => {
  it('loses no trial, trains none twice, and searches and ends as one that nothing happened to', async () => {
    const calm = await sweepUnderKills({ ...chaos, kills: 0 });
    const killed = await sweepUnderKills({ ...chaos, kills: 4 });
    expect(killed.record.trials.map(({ trial }) => trial)).toEqual([1, 2, 3, 4]);
    expect(outcomes(killed.record)).toEqual(outcomes(calm.record));
  });
});
