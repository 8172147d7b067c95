import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import type { Leaderboard } from '../../contracts/progress';
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

function resolveSweep(changes: Record<string, unknown>) {
  return async () => ({
    config: sweepConfig(changes),
    ref: ref<'config'>('config'),
    prepared: ref<'prepared'>('prepared'),
    pictures: 'pets, version 0f3a',
    warnings: ['`log_uniform` takes exponents'],
  });
}

const start = (workflowId: string) =>
  server.client.workflow.start(sweep, { workflowId, taskQueue: queues.ml, args: [] });

describe('sweep', () => {
  it('runs run_cap trials, never more than parallelism at once, and returns the best', async () => {
    let running = 0;
    let most = 0;
    const fake = fakeActivities();
    const activities = fakeActivities({
      resolveSweep: resolveSweep({ run_cap: 7, parallelism: 3 }),
      trainRun: async (input) => {
        running += 1;
        most = Math.max(most, running);
        // The first three wait for each other, however slow the machine is; a fourth would have time to come, too.
        do await new Promise((resolve) => setTimeout(resolve, 100));
        while (most < 3);
        running -= 1;
        return fake.trainRun(input);
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await (await start('sweep-best')).result();
      expect(result).toMatchObject({
        trials: 7,
        failed: 0,
        best: { trial: 1, metric: 0.01, run: 'run-0.01' },
      });
    });
    expect(most).toBe(3);
  });

  it('turns goal around for maximize', async () => {
    const activities = fakeActivities({
      resolveSweep: resolveSweep({ metric: { name: 'validation_loss', goal: 'maximize' } }),
    });
    await withWorkers(server, activities, async () => {
      expect(await (await start('sweep-maximize')).result()).toMatchObject({ best: { trial: 4 } });
    });
  });

  it('keeps a failed trial as a row with its reason, and goes on', async () => {
    const fake = fakeActivities();
    const activities = fakeActivities({
      resolveSweep: resolveSweep({ run_cap: 3 }),
      trainRun: async (input) => {
        if (input.config.lr === 0.01)
          throw new Failure('training-diverged', 'The loss became NaN in epoch 1.');
        return fake.trainRun(input);
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-failing');
      expect(await handle.result()).toMatchObject({ trials: 3, failed: 1, best: { trial: 2 } });
      const board = await handle.query<Leaderboard>('leaderboard');
      expect(board.rows.map((row) => row.trial)).toEqual([2, 3, 1]);
      expect(board.rows[2]).toMatchObject({
        state: 'failed',
        failure: 'The loss is no longer a number: The loss became NaN in epoch 1.',
      });
    });
  });

  it('fails as a whole, with the first reason, where no trial finishes', async () => {
    const activities = fakeActivities({
      resolveSweep: resolveSweep({ run_cap: 2 }),
      trainRun: async () => {
        throw new Failure('training-diverged', 'The loss became NaN in epoch 1.');
      },
    });
    await withWorkers(server, activities, async () => {
      const failed = await (await start('sweep-none')).result().catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(WorkflowFailedError);
      expect(failed).toMatchObject({
        cause: { type: 'sweep-failed', message: expect.stringContaining('The loss became NaN in epoch 1.') },
      });
    });
  });

  it('refuses a wrong configuration without retrying', async () => {
    let attempts = 0;
    const activities = fakeActivities({
      resolveSweep: async () => {
        attempts += 1;
        throw new Failure('configuration-invalid', 'configs/sweep.yaml:3:1 metod: unknown key');
      },
    });
    await withWorkers(server, activities, async () => {
      await expect((await start('sweep-wrong')).result()).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect(attempts).toBe(1);
  });

  it('tells at most 20 rows, its pictures and its warnings to who asks and in the details that the UI shows', async () => {
    const activities = fakeActivities({ resolveSweep: resolveSweep({ run_cap: 23, parallelism: 8 }) });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-wide');
      await handle.result();
      const board = await handle.query<Leaderboard>('leaderboard');
      expect(board.rows).toHaveLength(20);
      expect(board.pictures).toBe('pets, version 0f3a');
      expect(board.warnings).toEqual(['`log_uniform` takes exponents']);
      const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(metadata.currentDetails).toContain('**23 of 23 trials finished**');
      expect(metadata.currentDetails).toContain('> ⚠ `log_uniform` takes exponents');
    });
  });

  it('cancels its trials when it is cancelled', async () => {
    const activities = fakeActivities({
      resolveSweep: resolveSweep({ run_cap: 2 }),
      trainRun: untilCancelled,
    });
    await withWorkers(server, activities, async () => {
      const handle = await start('sweep-cancelled');
      const trial = server.client.workflow.getHandle('sweep-cancelled/trial-1');
      for (;;) {
        const state = await trial.describe().catch(() => undefined);
        if (state?.status.name === 'RUNNING') break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await handle.cancel();
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      expect((await trial.describe()).status.name).toBe('CANCELLED');
    });
  });
});

/** A training that hears of its cancellation as the real one does, by its heartbeat. */
async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, 100);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}
