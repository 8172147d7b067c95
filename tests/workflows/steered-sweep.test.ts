import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Activities } from '../../activities';
import { Failure } from '../../contracts/failures';
import type { TrainPart } from '../../contracts/inputs';
import { sweepMessages, trialEpochs, type TrialEpochs } from '../../contracts/messages';
import { queues } from '../../contracts/names';
import type { SweepRecordPart } from '../../contracts/schemas/sweep-record';
import type { Leaderboard } from '../../contracts/progress';
import type { TrialSeen } from '../../contracts/search';
import { runConfigSchema } from '../../contracts/schemas/run';
import { sweep } from '../../workflows';
import { fakeActivities, ref, sweepConfig } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const fake = fakeActivities();

/** Trainings that wait to be let go, so that a test says when each ends. */
class Gate {
  readonly waiting: number[] = [];
  private readonly open = new Map<number, () => void>();
  private readonly parts = new Map<number, TrainPart>();

  /** @param lr - By which the fake search tells its trials apart. */
  readonly trainRun: Activities['trainRun'] = async (input) => {
    const { lr } = input.config;
    this.parts.set(lr, input);
    this.waiting.push(lr);
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    try {
      await Promise.race([new Promise<void>((go) => this.open.set(lr, go)), context.cancelled]);
    } finally {
      clearInterval(beat);
      this.waiting.splice(this.waiting.indexOf(lr), 1);
    }
    return fake.trainRun(input);
  };

  /** What the training with this rate was told of its sweep. */
  partOf(lr: number): TrainPart | undefined {
    return this.parts.get(lr);
  }

  async let(lr: number): Promise<void> {
    await until(() => this.open.has(lr));
    this.open.get(lr)?.();
    this.open.delete(lr);
  }

  async waits(...lrs: readonly number[]): Promise<void> {
    await until(() => [...this.waiting].sort().join() === [...lrs].sort().join());
  }
}

/** What one waits for, and another lets it go on. */
class Door {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const suggestTrial = async ({
  trial,
  parameters = { lr: trial / 100 },
}: Parameters<Activities['suggestTrial']>[0]) => ({
  parameters,
  config: runConfigSchema.parse({ lr: parameters['lr'] }),
});

function activitiesOf(config: Record<string, unknown>, changes: Partial<Activities>): Activities {
  return fakeActivities({
    suggestTrial,
    resolveSweep: async () => ({
      config: sweepConfig(config),
      ref: ref<'config'>('config'),
      prepared: ref<'prepared'>('prepared'),
      warnings: [],
    }),
    ...changes,
  });
}

const start = (workflowId: string) =>
  server.client.workflow.start(sweep, { workflowId, taskQueue: queues.ml, args: [] });

describe('a running sweep', () => {
  it('begins nothing while it is paused, and goes on when it is resumed', async () => {
    const gate = new Gate();
    const activities = activitiesOf({ run_cap: 3, parallelism: 1 }, { trainRun: gate.trainRun });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-paused');
      await gate.waits(0.01);
      await handle.executeUpdate(sweepMessages.pause);
      await gate.let(0.01);
      await until(async () => (await handle.query<Leaderboard>('leaderboard')).finished === 1);
      expect(await handle.query<Leaderboard>('leaderboard')).toMatchObject({ state: 'paused', running: 0 });

      // As `temporal workflow signal` has it.
      await handle.signal(sweepMessages.resume);
      for (const lr of [0.02, 0.03]) await gate.let(lr);
      expect(await handle.result()).toMatchObject({ trials: 3, best: { trial: 1 } });
    });
  });

  it('begins nothing that was being prepared when it was paused', async () => {
    const gate = new Gate();
    const asked = new Door();
    const answer = new Door();
    const activities = activitiesOf(
      { run_cap: 2, parallelism: 1 },
      {
        trainRun: gate.trainRun,
        suggestTrial: async (input) => {
          if (input.trial === 2) asked.open();
          if (input.trial === 2) await answer.opened;
          return suggestTrial(input);
        },
      },
    );
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-paused-between');
      await gate.let(0.01);
      await asked.opened;
      await handle.executeUpdate(sweepMessages.pause);
      answer.open();
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await handle.query<Leaderboard>('leaderboard')).toMatchObject({ state: 'paused', running: 0 });
      expect(gate.waiting).toEqual([]);
      await handle.executeUpdate(sweepMessages.resume);
      await gate.let(0.02);
      expect(await handle.result()).toMatchObject({ trials: 2 });
    });
  });

  it('tries a trial whose parameters were being checked when the last one ended', async () => {
    const gate = new Gate();
    const asked = new Door();
    const answer = new Door();
    const activities = activitiesOf(
      { run_cap: 1, parallelism: 1 },
      {
        trainRun: gate.trainRun,
        checkTrial: async () => {
          asked.open();
          await answer.opened;
          return 1;
        },
      },
    );
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-added-at-its-end');
      await gate.waits(0.01);
      const added = handle.executeUpdate(sweepMessages.addTrial, { args: [{ lr: 0.5 }] });
      await asked.opened;
      await gate.let(0.01);
      await until(async () => (await handle.query<Leaderboard>('leaderboard')).finished === 1);
      answer.open();
      expect(await added).toEqual({ ahead: 0 });
      await gate.let(0.5);
      expect(await handle.result()).toMatchObject({ trials: 2 });
    });
  });

  it('tries what is added before what is searched, and has as many at once as it is told', async () => {
    const gate = new Gate();
    const activities = activitiesOf({ run_cap: 3, parallelism: 1 }, { trainRun: gate.trainRun });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-added');
      await gate.waits(0.01);
      expect(await handle.executeUpdate(sweepMessages.addTrial, { args: [{ lr: 0.5 }] })).toEqual({
        ahead: 0,
      });
      await handle.executeUpdate(sweepMessages.setParallelism, { args: [2] });
      await gate.waits(0.01, 0.5);
      for (const lr of [0.01, 0.5, 0.03]) await gate.let(lr);
      expect(await handle.result()).toMatchObject({ trials: 3 });
    });
  });

  it('has as many trials at once as there are gpu slots, and more where workers join', async () => {
    const gate = new Gate();
    const slots = { now: 1 };
    const activities = activitiesOf(
      { run_cap: 5, parallelism: 'auto' },
      {
        trainRun: gate.trainRun,
        gpuSlots: async () => slots.now,
        suggestTrial: async (input) => ({
          ...(await suggestTrial(input)),
          ...(input.countSlots === true && { gpuSlots: slots.now }),
        }),
      },
    );
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-slots');
      await gate.waits(0.01);
      slots.now = 3;
      await gate.let(0.01);
      await gate.waits(0.02, 0.03, 0.04);
      await handle.executeUpdate(sweepMessages.setParallelism, { args: [1] });
      for (const lr of [0.02, 0.03]) await gate.let(lr);
      await gate.waits(0.04);
      for (const lr of [0.04, 0.05]) await gate.let(lr);
      expect(await handle.result()).toMatchObject({ trials: 5 });
    });
  });

  it('stops one trial by hand, extends the best, and counts on to a higher cap', async () => {
    const gate = new Gate();
    const activities = activitiesOf({ run_cap: 2, parallelism: 2 }, { trainRun: gate.trainRun });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-changed');
      await gate.waits(0.01, 0.02);
      // As its training does when it is stopped, though no rule asks for its epochs.
      expect(gate.partOf(0.02)).toMatchObject({ report: { sweep: 'sweep-changed', trial: 2, at: [] } });
      const soFar: TrialEpochs = { trial: 2, run: 'run-2', values: [0.7, 0.4, 0.5], seconds: 3 };
      await handle.signal(trialEpochs, soFar);
      await handle.executeUpdate(sweepMessages.killTrial, { args: [2] });
      await handle.executeUpdate(sweepMessages.setRunCap, { args: [3] });
      await gate.waits(0.01, 0.03);
      await gate.let(0.01);
      await until(async () => (await handle.query<Leaderboard>('leaderboard')).finished === 1);
      const tooFew = handle.executeUpdate(sweepMessages.extendBest, { args: [{ epochs: 1 }] });
      await expect(tooFew).rejects.toMatchObject({
        cause: { message: 'Trial 1, the best, had epochs: 1; expected more.' },
      });
      expect(await handle.executeUpdate(sweepMessages.extendBest, { args: [{ epochs: 40 }] })).toEqual({
        ...{ ahead: 0, trial: 1, from: 0 },
      });
      await gate.waits(0.01, 0.03);
      for (const lr of [0.01, 0.03]) await gate.let(lr);

      expect(await handle.result()).toMatchObject({ trials: 4, stopped: 1, failed: 0 });
      const { rows } = await handle.query<Leaderboard>('leaderboard');
      expect(rows.find(({ trial }) => trial === 2)).toMatchObject({
        state: 'stopped',
        why: 'killed by hand',
        ...{ epochs: 3, metric: 0.4 },
      });
      expect(rows.find(({ trial }) => trial === 4)?.parameters).toEqual({ lr: 0.01, epochs: 40 });
      expect((await handle.query<SweepRecordPart>('record')).config.run_cap).toBe(3);
    });
  });

  it.each([
    ['idle', { trials: 2, stopped: 0 }],
    ['now', { trials: 2, stopped: 1 }],
  ] as const)('ends with what it has when it is stopped: %s', async (when, expected) => {
    const gate = new Gate();
    const activities = activitiesOf({ run_cap: 9, parallelism: 1 }, { trainRun: gate.trainRun });
    await withWorkers(server, activities, async () => {
      const handle = await start(`sweep-stopped-${when}`);
      await gate.let(0.01);
      await gate.waits(0.02);
      await handle.executeUpdate(sweepMessages.stop, { args: [{ when }] });
      if (when === 'idle') await gate.let(0.02);
      expect(await handle.result()).toMatchObject({ ...expected, best: { trial: 1 } });
    });
  });

  it('tries its failed trials again when it is asked to', async () => {
    const gate = new Gate();
    let broken = true;
    const trainRun: Activities['trainRun'] = async (input) => {
      if (input.config.lr === 0.01 && broken) throw new Failure('training-diverged', 'NaN');
      return gate.trainRun(input);
    };
    await withWorkers(server, activitiesOf({ run_cap: 2, parallelism: 1 }, { trainRun }), async () => {
      const handle = await start('sweep-retried');
      await gate.waits(0.02);
      broken = false;
      expect(await handle.executeUpdate(sweepMessages.retryFailed)).toBe(1);
      // What is queued already is not queued once more, by whichever way it is asked.
      expect(await handle.executeUpdate(sweepMessages.retryFailed)).toBe(0);
      await handle.signal(sweepMessages.retryFailed);
      for (const lr of [0.02, 0.01]) await gate.let(lr);
      expect(await handle.result()).toMatchObject({ trials: 3, failed: 1, best: { trial: 3, metric: 0.01 } });
    });
  });

  it.each([
    ['a trial that is not there', sweepMessages.killTrial, 7, /There is no trial 7/],
    ['a cap of nothing', sweepMessages.setRunCap, 0, /run_cap is a whole number from 1/],
    ['parallelism in words', sweepMessages.setParallelism, 'two', /parallelism is a whole number/],
    ['parameters that a run refuses', sweepMessages.addTrial, { lr: 'fast' }, /lr: expected a number/],
    [
      'the extension of a best that there is not',
      sweepMessages.extendBest,
      { epochs: 9 },
      /No trial has finished/,
    ],
  ])('refuses %s, says why, and goes on', async (_what, update, argument, said) => {
    const gate = new Gate();
    const checkTrial = async (): Promise<never> => {
      throw new Failure('configuration-invalid', 'parameters.lr: expected a number');
    };
    const activities = activitiesOf({ run_cap: 1 }, { trainRun: gate.trainRun, checkTrial });
    await withWorkers(server, activities, async () => {
      const handle = await start(`sweep-refuses-${update}`);
      await gate.waits(0.01);
      const refused = await handle
        .executeUpdate(update, { args: [argument] })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
      expect((refused as WorkflowUpdateFailedError).cause?.message).toMatch(said);
      await gate.let(0.01);
      expect(await handle.result()).toMatchObject({ trials: 1 });
    });
  });
});

describe('a search', () => {
  it('sees the trials before it with what came of them, and ends where there is nothing left to try', async () => {
    const seen: (readonly TrialSeen[])[] = [];
    const activities = activitiesOf(
      { method: 'grid', run_cap: undefined, parallelism: 1 },
      {
        suggestTrial: async (input) => {
          seen.push(input.observed ?? []);
          return input.trial > 2 ? undefined : suggestTrial(input);
        },
      },
    );
    await withWorkers(server, activities, async () => {
      expect(await (await start('sweep-grid')).result()).toMatchObject({ trials: 2 });
    });
    expect(seen[2]).toEqual([
      { trial: 1, parameters: { lr: 0.01 }, state: 'finished', value: 0.01 },
      { trial: 2, parameters: { lr: 0.02 }, state: 'finished', value: 0.02 },
    ]);
  });

  it('begins with the trials that the configuration names', async () => {
    const activities = activitiesOf({ run_cap: 2, parallelism: 1, enqueue: [{ lr: 0.004 }] }, {});
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-enqueued');
      expect(await handle.result()).toMatchObject({ trials: 2, best: { trial: 1, metric: 0.004 } });
    });
  });

  it('ends early where the metric has reached its target', async () => {
    const metric = { name: 'validation_loss', goal: 'minimize', target: 0.05 };
    const activities = activitiesOf({ run_cap: 9, parallelism: 1, metric }, {});
    await withWorkers(server, activities, async () => {
      expect(await (await start('sweep-reached')).result()).toMatchObject({ trials: 1 });
    });
  });

  it('goes on where a draw is one that no run takes, which counts as a trial that failed', async () => {
    const refused = 'parameters.lr: expected more than 0';
    const activities = activitiesOf(
      { run_cap: 2, parallelism: 1, failures: 1 },
      {
        suggestTrial: async (input) =>
          input.trial === 1 ? { parameters: { lr: -1 }, refused } : suggestTrial(input),
      },
    );
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-refused-draw');
      expect(await handle.result()).toMatchObject({ trials: 2, failed: 1, best: { trial: 2 } });
      const { rows } = await handle.query<Leaderboard>('leaderboard');
      expect(rows).toContainEqual(expect.objectContaining({ trial: 1, state: 'failed', failure: refused }));
    });
  });

  it('fails once more trials have failed than it bears', async () => {
    const trainRun: Activities['trainRun'] = async () => {
      throw new Failure('training-diverged', 'The loss became NaN.');
    };
    const activities = activitiesOf({ run_cap: 50, parallelism: 1, failures: 2 }, { trainRun });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-broken');
      const failed = await handle.result().catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(WorkflowFailedError);
      expect(failed).toMatchObject({ cause: { message: expect.stringMatching(/^3 trials failed/) } });
      expect((await handle.query<Leaderboard>('leaderboard')).failed).toBe(3);
    });
  });

  it('goes on in a new run of the workflow, with its trials and with what was changed', async () => {
    const told: { readonly trial: number; readonly observed: number; readonly recorded: unknown }[] = [];
    const activities = activitiesOf(
      { run_cap: 230, parallelism: 8, method: 'tpe' },
      {
        suggestTrial: (input) => {
          const { trial, observed = [], recorded } = input;
          told.push({ trial, observed: observed.length, recorded });
          return suggestTrial(input);
        },
      },
    );
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-long');
      expect(await handle.result()).toMatchObject({ trials: 230, failed: 0, best: { trial: 1 } });
      const [first, second] = await Promise.all(
        [handle.firstExecutionRunId, undefined].map((run) =>
          server.client.workflow.getHandle('sweep-long', run).describe(),
        ),
      );
      expect(first?.status.name).toBe('CONTINUED_AS_NEW');
      expect(second?.status.name).toBe('COMPLETED');
      expect(second?.historyLength).toBeLessThan(10_000);

      // What is in the record is not told again: of 10,000 trials that would be more than a message holds.
      expect(told.find(({ trial }) => trial === 200)).toEqual({
        trial: 200,
        observed: 199,
        recorded: undefined,
      });
      const { observed, recorded } = told.find(({ trial }) => trial === 230) ?? {};
      const before = z.object({ sweep: z.literal('sweep-long'), trials: z.int() }).parse(recorded).trials;
      expect(before).toBeGreaterThanOrEqual(200);
      expect(observed).toBe(229 - before);

      const part = await handle.query<SweepRecordPart, [number]>('record', 225);
      expect(part).toMatchObject({ sweep: 'sweep-long', of: 230 });
      expect(part.trials.map(({ trial }) => trial)).toEqual([226, 227, 228, 229, 230]);
      expect(part).not.toHaveProperty('next');
      await expect(handle.query<SweepRecordPart, [string]>('record', 'all')).rejects.toThrow(
        'record takes the place of the first trial, counted from 0, or nothing; found "all".',
      );
    });
  }, 120_000);
});
