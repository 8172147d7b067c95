import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createConfigurationActivities, type Suggestion } from '../../../activities/configuration';
import type { PreparedRef } from '../../../contracts/refs';
import { preparedIndexSchema } from '../../../contracts/schemas/documents';
import type { RunConfig } from '../../../contracts/schemas/run';
import type { SweepConfig } from '../../../contracts/schemas/sweep';
import type { TrialRecord } from '../../../contracts/schemas/sweep-record';
import { asSeen } from '../../../contracts/search';
import { rememberPrepared } from '../../../lib/data/latest-prepared';
import { openStore } from '../../../lib/storage/open-store';
import { putJson, readJson } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { writeSweepHead, writeTrials } from '../../../lib/sweeps/sweep-records';
import { putBars } from '../../support/prepared-bars';

const ended = (trial: number) => ({ trial, state: 'finished' as const, began: 0, ended: 1 });

let store: Store;
let activities: ReturnType<typeof createConfigurationActivities>;
const sweep = { method: 'bayes', parameters: { lr: { min: 0.001, max: 0.01 } } };

beforeAll(async () => {
  const project = await mkdtemp(join(tmpdir(), 'drover-'));
  store = openStore(join(project, 'store'));
  activities = createConfigurationActivities({
    store,
    project,
    defaults: join(__dirname, '../../../configs'),
  });
});

async function putRecord(
  sweepId: string,
  config: SweepConfig,
  trials: readonly TrialRecord[],
  prepared: PreparedRef = { uri: 'store://prepared', sha256: '0'.repeat(64) },
): Promise<void> {
  await writeTrials(store, sweepId, 0, trials);
  await writeSweepHead(store, {
    sweep: sweepId,
    config,
    prepared,
    began: 0,
    ended: 1,
    trials: trials.length,
  });
}

function configOf(suggestion: Suggestion | undefined): RunConfig {
  if (suggestion === undefined || 'refused' in suggestion) throw new Error('nothing is suggested');
  return suggestion.config;
}

describe('a sweep', () => {
  it('by asha is planned for the epochs of its highest rung, whatever train says', async () => {
    const early_terminate = { type: 'asha', min_epochs: 1, max_epochs: 27 };
    const { config, ref } = await activities.resolveSweep({
      ...sweep,
      early_terminate,
      train: { epochs: 5 },
    });
    expect(config.train.epochs).toBe(27);
    expect(await activities.suggestTrial({ sweep: ref, trial: 1 })).toMatchObject({
      epochs: 27,
      config: { epochs: 27 },
    });
  });

  it('loses a trial, and not itself, where a draw is one that no run takes', async () => {
    const parameters = { 'network.dropout': { distribution: 'normal', mu: 0.3, sigma: 0.15 } };
    const { ref } = await activities.resolveSweep({ ...sweep, parameters });
    const trials = await Promise.all(
      Array.from({ length: 200 }, (_, at) => activities.suggestTrial({ sweep: ref, trial: at + 1 })),
    );
    const refused = trials.flatMap((trial) => (trial && 'refused' in trial ? [trial.refused] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(20);
    expect(refused[0]).toMatch(/^parameters.network.dropout: expected at least 0/);
  });

  it("trains every trial with train's seed, or each with its own that its number gives", async () => {
    const train = { seed: 7 };
    const seeds = async (config: object) => {
      const { ref } = await activities.resolveSweep({ ...sweep, train, ...config });
      const trials = await Promise.all(
        [1, 2, 2].map((trial) => activities.suggestTrial({ sweep: ref, trial })),
      );
      return trials.map((trial) => configOf(trial).seed);
    };
    expect(await seeds({})).toEqual([7, 7, 7]);
    const [first, second, again] = await seeds({ vary_seed: true });
    expect(new Set([7, first, second]).size).toBe(3);
    expect(again).toBe(second);
    expect(await seeds({ vary_seed: true, seed: 2 })).not.toContain(first);
    expect(await seeds({ vary_seed: true, parameters: { seed: { value: 3 } } })).toEqual([3, 3, 3]);
  });

  it('is refused where it starts from a sweep that left no record, also in a pipeline', async () => {
    const refused = expect.objectContaining({
      type: 'configuration-invalid',
      message: expect.stringContaining('there is no record of a sweep sweep-7'),
    });
    const warm = { ...sweep, warm_start: ['sweep-7'] };
    await expect(activities.resolveSweep(warm)).rejects.toEqual(refused);
    const inPipeline = { source: { uri: 'sample://animals' }, sweep: warm };
    await expect(activities.resolvePipeline({ config: inPipeline })).rejects.toEqual(refused);
  });

  it('is refused where it starts from one that looked for another metric', async () => {
    const { config } = await activities.resolveSweep({ ...sweep, metric: { name: 'train_loss' } });
    await putRecord('sweep-loss', config, []);
    await expect(activities.resolveSweep({ ...sweep, warm_start: ['sweep-loss'] })).rejects.toThrow(
      'sweep-loss looked for train_loss, and this sweep looks for validation_loss',
    );
  });

  describe('that starts from a sweep', () => {
    const before = {
      name: 'sweep-before',
      said: /^warm_start: sweep-before looked at bars, version 0{12}, 12 × 12, rgb, contain, and this sweep looks at/,
    };
    const preparedAs = async (name: string, options: Parameters<typeof putBars>[1]): Promise<PreparedRef> => {
      const index = await readJson(store, await putBars(store, options), preparedIndexSchema);
      return putJson(store, `prepared/${name}/index.json`, index);
    };
    const warnings = async (prepared?: PreparedRef): Promise<readonly string[]> => {
      const config = { ...sweep, warm_start: [before.name] };
      return (await activities.resolveSweep({ config, ...(prepared && { prepared }) })).warnings;
    };

    beforeAll(async () => {
      const { config } = await activities.resolveSweep(sweep);
      await putRecord(before.name, config, [], await preparedAs('usual', {}));
    });

    it('of the same pictures, whatever shards they lie in, has nothing to be warned of', async () => {
      expect(await warnings()).toEqual([]);
      expect(await warnings(await preparedAs('shards', { shardSize: 4 }))).toEqual([]);
    });

    it('says what it stands on, where there is something', async () => {
      const grey = await preparedAs('grey', { size: 16, color: 'grey' });
      expect((await activities.resolveSweep({ config: sweep, prepared: grey })).pictures).toBe(
        'bars, version 000000000000, 16 × 16, grey, contain',
      );
      expect((await activities.resolveSweep(sweep)).pictures).toBeUndefined();
    });

    it('of pictures that were prepared otherwise is told which each had', async () => {
      const [warning, ...more] = await warnings(await preparedAs('grey', { size: 16, color: 'grey' }));
      expect(more).toEqual([]);
      expect(warning).toMatch(before.said);
      expect(warning).toMatch(/looks at bars, version 0{12}, 16 × 16, grey, contain; what was good there/);
    });

    it('stands on the set that was prepared last, where it is given none', async () => {
      await rememberPrepared(store, await preparedAs('large', { size: 16 }));
      expect(await warnings()).toEqual([expect.stringMatching(before.said)]);
      const { pictures } = await activities.resolveSweep(sweep);
      expect(pictures).toBe('bars, version 000000000000, 16 × 16, rgb, contain');
    });

    it('of pictures that are gone is told so', async () => {
      const { config } = await activities.resolveSweep(sweep);
      await putRecord(before.name, config, []);
      expect(await warnings()).toEqual([
        expect.stringMatching(/looked at store:\/\/prepared, 0{12}, which this store does not have, and/),
      ]);
    });
  });

  it('searches from the first trial on where an earlier sweep found the best', async () => {
    const { config } = await activities.resolveSweep(sweep);
    // Best at the upper end of what is asked for, on a parabola.
    const lrs = Array.from({ length: 12 }, (_, at) => 0.001 + at * 0.0008);
    await putRecord(
      'pipeline-pets/sweep',
      config,
      lrs.map((lr, at) => ({ ...ended(at + 1), parameters: { lr }, metric: (lr - 0.0095) ** 2 * 1e4 })),
    );
    const { ref } = await activities.resolveSweep({ ...sweep, warm_start: ['pipeline-pets/sweep'] });
    const suggestion = await activities.suggestTrial({ sweep: ref, trial: 1 });
    expect(suggestion?.parameters['lr']).toBeGreaterThan(0.0085);
  });

  it('takes the trials that its own record has from there, as they are since then', async () => {
    const { config, ref } = await activities.resolveSweep({ ...sweep, method: 'tpe' });
    const trials = Array.from({ length: 30 }, (_, at) => ({
      ...ended(at + 1),
      parameters: { lr: 0.0011 + at * 0.0002 },
      metric: at,
    }));
    const seen = trials.map(asSeen);
    await putRecord('sweep-long', config, trials.slice(0, 25));
    const changed = { ...seen[3]!, value: -5 };
    const recorded = { sweep: 'sweep-long', trials: 20 };
    const observed = [changed, ...seen.slice(20)];
    const fromRecord = await activities.suggestTrial({ sweep: ref, trial: 31, observed, recorded });
    const whole = seen.map((one) => (one.trial === 4 ? changed : one));
    expect(fromRecord).toEqual(await activities.suggestTrial({ sweep: ref, trial: 31, observed: whole }));
    expect(fromRecord).not.toEqual(await activities.suggestTrial({ sweep: ref, trial: 31, observed: seen }));
    const lost = { sweep: 'sweep-long', trials: 26 };
    await expect(
      activities.suggestTrial({ sweep: ref, trial: 31, observed: [], recorded: lost }),
    ).rejects.toThrow('the record of sweep-long has 25 trials, not 26');
  });

  it('suggests by its method, checks what is added, and tries it as it was given', async () => {
    const { ref } = await activities.resolveSweep(sweep);
    const suggestion = await activities.suggestTrial({ sweep: ref, trial: 1 });
    expect(configOf(suggestion).lr).toBe(suggestion?.parameters['lr']);
    await expect(activities.checkTrial({ sweep: ref, parameters: { lr: 'fast' } })).rejects.toThrow(/lr/);
    expect(await activities.suggestTrial({ sweep: ref, trial: 2, parameters: { lr: 0.5 } })).toMatchObject({
      parameters: { lr: 0.5 },
      config: { lr: 0.5 },
    });
  });

  it('has one name for a setting, whatever an added trial calls it', async () => {
    const { ref } = await activities.resolveSweep(sweep);
    const added = { sweep: ref, trial: 2, parameters: { learning_rate: 0.5 } };
    expect(await activities.suggestTrial(added)).toMatchObject({
      parameters: { lr: 0.5 },
      config: { lr: 0.5 },
    });
    expect(Object.keys((await activities.suggestTrial(added))?.parameters ?? {})).toEqual(['lr']);
    const twice = { lr: 0.1, learning_rate: 0.2 };
    await expect(activities.checkTrial({ sweep: ref, parameters: twice })).rejects.toThrow(
      'parameters.learning_rate: sets the same as lr',
    );
  });
});
