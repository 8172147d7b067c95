import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Activities } from '../../activities';
import { tellEpochs } from '../../activities/epoch-reports';
import { sweepMessages } from '../../contracts/messages';
import { queues } from '../../contracts/names';
import type { Leaderboard } from '../../contracts/progress';
import type { EpochMetrics } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { sweep } from '../../workflows';
import { fakeActivities, ref, sweepConfig } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

jest.setTimeout(120_000);

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

/** A loss that falls by epochs, and ends where its trial's `lr` says. */
const lossAt = (lr: number, epoch: number): number => lr + 1 / epoch;

/** Trainings that take no time and lose nothing: a second one with the same `lr` goes on where the first one stopped. */
class Trainings {
  /** By `lr`: from which epoch to which each call trained. */
  readonly trained = new Map<number, [from: number, to: number][]>();
  /** Of an `lr`: an epoch after which it waits to be cancelled or let go. */
  readonly waits = new Map<number, number>();

  readonly trainRun: Activities['trainRun'] = async ({ config, until, report }) => {
    const { lr, epochs } = config;
    const context = Context.current();
    const calls = this.trained.get(lr) ?? [];
    const from = calls.at(-1)?.[1] ?? 0;
    const call: [number, number] = [from, from];
    this.trained.set(lr, [...calls, call]);
    const run = `run-${lr}`;
    const teller = tellEpochs(run, report);
    const history: EpochMetrics[] = [];
    const beat = setInterval(() => context.heartbeat(), 100);
    try {
      for (let epoch = 1; epoch <= (until ?? epochs); epoch += 1) {
        const loss = lossAt(lr, epoch);
        const figures = {
          train_loss: loss,
          train_accuracy: 0,
          validation_loss: loss,
          validation_accuracy: 0,
        };
        history.push({ epoch, ...figures, seconds: 1 });
        call[1] = Math.max(from, epoch);
        teller.tell(history);
        if (this.waits.get(lr) === epoch) await context.cancelled;
      }
      await teller.told();
    } finally {
      clearInterval(beat);
    }
    const metrics = { validation_loss: lossAt(lr, history.length) };
    const soFar = { run, metrics, epochs: history.length, seconds: history.length };
    return until !== undefined && until < epochs ? soFar : { ...soFar, result: ref<'run'>(run) };
  };
}

interface Kept {
  record?: SweepRecord;
}

function activitiesOf(
  config: Record<string, unknown>,
  trainings: Trainings,
  kept: Kept = {},
  lrs: readonly number[] = [],
): Activities {
  const trials = new Map<number, SweepRecord['trials']>();
  return fakeActivities({
    trainRun: trainings.trainRun,
    suggestTrial: async ({ trial, parameters = { lr: lrs[trial - 1] ?? trial / 100 } }) => ({
      parameters,
      config: runConfigSchema.parse({ lr: parameters['lr'], epochs: 9 }),
      epochs: 9,
    }),
    resolveSweep: async () => ({
      config: sweepConfig({ parallelism: 1, train: { epochs: 9 }, ...config }),
      ref: ref<'config'>('config'),
      prepared: ref<'prepared'>('prepared'),
      warnings: [],
    }),
    keepTrials: async ({ first, trials: piece }) => void trials.set(first, [...piece]),
    keepSweep: async (head) => {
      kept.record = { ...head, trials: [...trials.values()].flat() };
    },
  });
}

const start = (workflowId: string) =>
  server.client.workflow.start(sweep, { workflowId, taskQueue: queues.ml, args: [] });

type Started = Awaited<ReturnType<typeof start>>;

const rowsOf = async (handle: Started) => (await handle.query<Leaderboard>('leaderboard')).rows;

/** Trials that wait at a rung; none while the sweep has not begun to answer. */
const pausedOf = async (handle: Started) =>
  (await handle.query<Leaderboard>('leaderboard').catch(() => undefined))?.paused ?? 0;

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a sweep by asha', () => {
  const asha = { early_terminate: { type: 'asha', min_epochs: 1, eta: 3 }, run_cap: 9 };

  it('trains each trial to the lowest rung, promotes the best, and trains no epoch twice', async () => {
    const trainings = new Trainings();
    const kept: Kept = {};
    const lrs = [1, 5, 9, 3, 7, 2, 8, 6, 4];
    await withWorkers(server, activitiesOf(asha, trainings, kept, lrs), async () => {
      const handle = await start('sweep-asha');
      const result = await handle.result();
      expect(result).toMatchObject({ trials: 9, failed: 0, best: { trial: 1, epochs: 9 } });
      expect(trainings.trained.get(1)).toEqual([
        [0, 1],
        [1, 3],
        [3, 9],
      ]);
      for (const calls of trainings.trained.values()) {
        for (const [at, [from]] of calls.entries()) expect(from).toBe(calls[at - 1]?.[1] ?? 0);
      }
      const epochs = [...trainings.trained.values()].map((calls) => calls.at(-1)?.[1]);
      // Of nine at epoch 1 three go on, and of three at epoch 3 one.
      expect(epochs).toEqual([9, 1, 1, 3, 1, 3, 1, 1, 1]);
      expect((await rowsOf(handle)).find(({ trial }) => trial === 3)).toMatchObject({
        state: 'stopped',
        epochs: 1,
        planned: 9,
        why: 'epoch 1: number 9 of 9, of which the best 3 go on',
      });
    });
    expect(kept.record?.trials).toHaveLength(9);
    expect(kept.record?.trials[0]).toMatchObject({ state: 'finished', epochs: 9, seconds: 9, run: 'run-1' });
    expect(kept.record?.ended).toBeGreaterThanOrEqual(kept.record?.began ?? Infinity);
  });

  it('trains its best to the end where it is told to stop before any was', async () => {
    const trainings = new Trainings();
    trainings.waits.set(0.03, 1);
    await withWorkers(server, activitiesOf({ ...asha, parallelism: 1 }, trainings), async () => {
      const handle = await start('sweep-asha-stopped');
      await until(async () => trainings.trained.has(0.03) && (await pausedOf(handle)) === 2);
      await handle.executeUpdate(sweepMessages.stop, { args: [{ when: 'idle' }] });
      await handle.executeUpdate(sweepMessages.killTrial, { args: [3] });
      expect(await handle.result()).toMatchObject({ best: { trial: 1, epochs: 9 }, stopped: 2 });
      expect(trainings.trained.get(0.01)).toEqual([
        [0, 1],
        [1, 9],
      ]);
    });
  });

  it('leaves a trial dead that comes to its rung before it hears that it was killed', async () => {
    const trainings = new Trainings();
    let begun = false;
    let go: () => void = () => undefined;
    const killed = new Promise<void>((resolve) => (go = resolve));
    const activities: Activities = {
      ...activitiesOf({ ...asha, run_cap: 3 }, trainings),
      trainRun: async (input) => {
        begun = true;
        if (input.config.lr === 0.01) await killed;
        return trainings.trainRun(input);
      },
    };
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-asha-killed-at-rung');
      await until(() => begun);
      await handle.executeUpdate(sweepMessages.killTrial, { args: [1] });
      go();
      expect(await handle.result()).toMatchObject({ best: { trial: 2 }, stopped: 2 });
      expect((await rowsOf(handle)).find(({ trial }) => trial === 1)).toMatchObject({
        state: 'stopped',
        why: 'killed by hand',
      });
    });
    expect(trainings.trained.get(0.01)).toEqual([[0, 1]]);
  });

  describe('whose first trial is about to be promoted', () => {
    const prepared = (): { trainings: Trainings; held: Activities; asked: () => boolean; go: () => void } => {
      const own = new Trainings();
      const activities = activitiesOf({ ...asha, run_cap: 3 }, own);
      let asked = 0;
      let go: () => void = () => undefined;
      const told = new Promise<void>((resolve) => (go = resolve));
      const suggestTrial: Activities['suggestTrial'] = async (input) => {
        if (input.trial === 1) asked += 1;
        if (input.trial === 1 && asked === 2) await told;
        return activities.suggestTrial(input);
      };
      return { trainings: own, held: { ...activities, suggestTrial }, asked: () => asked === 2, go };
    };

    it('leaves it dead where it is killed', async () => {
      const { trainings: own, held, asked, go } = prepared();
      await withWorkers(server, held, async () => {
        const handle = await start('sweep-asha-killed-between');
        await until(asked);
        await handle.executeUpdate(sweepMessages.killTrial, { args: [1] });
        go();
        await handle.result();
        expect(own.trained.get(0.01)).toEqual([[0, 1]]);
        expect((await rowsOf(handle)).find(({ trial }) => trial === 1)).toMatchObject({
          state: 'stopped',
          why: 'killed by hand',
        });
      });
    });

    it('waits where it is paused, and promotes it when it is resumed', async () => {
      const { trainings: own, held, asked, go } = prepared();
      await withWorkers(server, held, async () => {
        const handle = await start('sweep-asha-paused-between');
        await until(asked);
        await handle.executeUpdate(sweepMessages.pause);
        go();
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(own.trained.get(0.01)).toEqual([[0, 1]]);
        await handle.executeUpdate(sweepMessages.resume);
        expect(await handle.result()).toMatchObject({ best: { trial: 1, epochs: 9 } });
      });
    });
  });

  it('trains the best extended to its end, at no rung', async () => {
    const trainings = new Trainings();
    const kept: Kept = {};
    const config = { ...asha, run_cap: 3, enqueue: [{ lr: 0.5, epochs: 9 }] };
    await withWorkers(server, activitiesOf(config, trainings, kept), async () => {
      const handle = await start('sweep-asha-extended');
      await handle.result();
    });
    // Two of its own at epoch 1, of which the better is trained to the end once nothing is left.
    expect(kept.record?.trials.map(({ parameters, epochs, rungs }) => [parameters, epochs, rungs])).toEqual([
      [{ lr: 0.5, epochs: 9 }, 9, undefined],
      [{ lr: 0.02 }, 9, expect.any(Array)],
      [{ lr: 0.03 }, 1, expect.any(Array)],
    ]);
    expect(trainings.trained.get(0.5)).toEqual([[0, 9]]);
  });

  it('takes a trial that reached the target straight to its end', async () => {
    const trainings = new Trainings();
    const metric = { name: 'validation_loss', goal: 'minimize', target: 1.5 };
    await withWorkers(server, activitiesOf({ ...asha, metric }, trainings, {}, [3, 2, 0.5, 1]), async () => {
      const handle = await start('sweep-asha-target');
      expect(await handle.result()).toMatchObject({ trials: 3, best: { trial: 3 } });
      expect(trainings.trained.get(0.5)).toEqual([
        [0, 1],
        [1, 9],
      ]);
    });
  });
});

describe('a sweep by hyperband', () => {
  it('stops a trial that is worse than the threshold of its band, and tells why', async () => {
    const trainings = new Trainings();
    trainings.waits.set(5, 3);
    const rule = { type: 'hyperband', min_iter: 3, eta: 2 };
    const activities = activitiesOf({ early_terminate: rule, run_cap: 3 }, trainings, {}, [1, 2, 5]);
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-hyperband');
      expect(await handle.result()).toMatchObject({ trials: 3, stopped: 1, best: { trial: 1 } });
      const stopped = (await rowsOf(handle)).find(({ trial }) => trial === 3);
      expect(stopped).toMatchObject({ state: 'stopped', epochs: 3, run: 'run-5' });
      expect(stopped?.why).toBe(
        'epoch 3: 5.333 is worse than 2.333, the threshold of the band at 3 over 3 runs',
      );
    });
  });
});

describe('a sweep by the median', () => {
  it('stops a trial once it is worse than the median of those that finished', async () => {
    const trainings = new Trainings();
    trainings.waits.set(5, 2);
    const rule = { type: 'median', n_startup_trials: 2, n_warmup_steps: 1 };
    const activities = activitiesOf({ early_terminate: rule, run_cap: 3 }, trainings, {}, [1, 2, 5]);
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-median');
      expect(await handle.result()).toMatchObject({ stopped: 1, best: { trial: 1 } });
      const stopped = (await rowsOf(handle)).find(({ trial }) => trial === 3);
      expect(stopped?.why).toMatch(/^epoch 2: the best so far, 5\.5, is worse than 2, the median of 2/);
    });
  });
});

describe('a sweep that is cancelled', () => {
  it('leaves a record of what it had, for reports and for sweeps that start from it', async () => {
    const trainings = new Trainings();
    trainings.waits.set(2, 2);
    const kept: Kept = {};
    const rule = { type: 'median', n_startup_trials: 5 };
    const activities = activitiesOf({ early_terminate: rule, run_cap: 9 }, trainings, kept, [1, 2]);
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-cancelled');
      const recorded = async () => (await handle.query<SweepRecord>('record').catch(() => undefined))?.trials;
      await until(async () => (await recorded())?.[1]?.epochs === 2);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    });
    expect(kept.record?.ended).toBeDefined();
    expect(kept.record?.trials).toMatchObject([
      { trial: 1, state: 'finished', epochs: 9 },
      { trial: 2, state: 'stopped', stoppedBy: 'hand', epochs: 2, metric: lossAt(2, 2), run: 'run-2' },
    ]);
  });
});
