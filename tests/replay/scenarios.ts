import type { WorkflowClient } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { monitorIds } from '../../contracts/monitor';
import { queues } from '../../contracts/names';
import { Failure } from '../../contracts/failures';
import type { Activities } from '../../activities';
import {
  deploy,
  forms,
  gpuWorkers,
  monitor,
  notify,
  pipeline,
  promote,
  rollback,
  sweep,
  train,
  watchData,
} from '../../workflows';
import { asking, untilWaiting } from '../support/asking-promotion';
import { drifting, untilAsked } from '../support/drifting';
import { fakeActivities } from '../support/fake-activities';
import { withWorkers } from '../support/temporal';

/** Runs some workflows, each to its end, whose histories are then kept. */
export type Scenario = (server: TestWorkflowEnvironment) => Promise<void>;

/** What is recorded for a release, by name: each leaves the histories of the workflow types that it starts. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  pipeline: async (server) => {
    const { workflow } = server.client;
    await withWorkers(server, diverging(), async () => {
      await workflow.execute(pipeline, { workflowId: 'pipeline-animals', taskQueue: queues.ml, args: [] });
      await workflow.execute(sweep, { workflowId: 'sweep-alone', taskQueue: queues.ml, args: [] });
      await workflow.execute(rollback, {
        workflowId: 'rollback',
        taskQueue: queues.ml,
        args: [{ model: 'animals' }],
      });
    });
  },

  watch: async (server) => {
    const { workflow } = server.client;
    await withWorkers(server, diverging(), async () => {
      const { pipeline: started } = await workflow.execute(watchData, {
        workflowId: 'watch-animals',
        taskQueue: queues.ml,
        args: [{ settle: 0 }],
      });
      await workflow.getHandle(started ?? '').result();
    });
  },

  train: (server) =>
    withWorkers(server, unprepared(), async () => {
      await server.client.workflow.execute(train, {
        workflowId: 'train-unprepared',
        taskQueue: queues.ml,
        args: [],
      });
    }),

  promotion: async (server) =>
    withWorkers(server, (await asking()).activities, async () => {
      for (const update of ['approve', 'reject']) {
        const asked = await server.client.workflow.start(promote, {
          workflowId: `promote-${update}`,
          taskQueue: queues.ml,
          args: [{ model: 'animals', version: 2 }],
        });
        await untilWaiting(asked);
        await asked.executeUpdate(update, { args: [{ by: 'Ada', reason: 'recorded' }] });
        await asked.result();
      }
    }),

  cancelling: (server) =>
    withWorkers(server, fakeActivities({ trainRun: slowly }), async () => {
      const cancelled = await server.client.workflow.start(sweep, {
        workflowId: 'sweep-cancelled',
        taskQueue: queues.ml,
        args: [],
      });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await cancelled.cancel();
      await cancelled.result().catch(() => undefined);
    }),

  deployment: async (server) => {
    const { workflow } = server.client;
    await withWorkers(server, fakeActivities(), () => deployed(workflow, 'deploy-serving'));
    await withWorkers(server, breaching(), () => deployed(workflow, 'deploy-went-back'));
    await withWorkers(server, planning(), () => deployed(workflow, 'deploy-planned'));
  },

  forms: (server) =>
    withWorkers(server, fakeActivities(), async () => {
      await server.client.workflow.execute(forms, {
        workflowId: 'forms-animals',
        taskQueue: queues.ml,
        args: [{ model: 'animals', version: 2 }],
      });
    }),

  gpuWorkers: (server) =>
    withWorkers(server, ending(), async () => {
      for (const mode of ['look', 'start', 'stop'] as const) {
        await server.client.workflow.execute(gpuWorkers, {
          workflowId: `gpu-workers-${mode}`,
          taskQueue: queues.ml,
          args: [{ mode }],
        });
      }
    }),

  monitor: async (server) => {
    const { workflow } = server.client;
    const looked = (workflowId: string) =>
      workflow.execute(monitor, { workflowId, taskQueue: queues.ml, args: [{ overrides: ['window=2d'] }] });
    const answered = async (version: number, update: string): Promise<void> => {
      const handle = workflow.getHandle(monitorIds.retrain('animals', version));
      await untilAsked(handle);
      await handle.executeUpdate(update, { args: [{ by: 'Ada', reason: 'recorded' }] });
      await handle.result();
    };
    await withWorkers(server, drifting({ verdict: 'quiet' }).activities, () => looked('monitor-quiet'));
    await withWorkers(server, drifting({ policy: 'alert' }).activities, () => looked('monitor-alert'));
    await withWorkers(server, drifting({ policy: 'ask', version: 3 }).activities, async () => {
      await looked('monitor-ask');
      await answered(3, 'reject');
    });
    await withWorkers(server, drifting({ policy: 'pipeline', version: 4 }).activities, async () => {
      await looked('monitor-pipeline');
      await workflow.getHandle(monitorIds.retrain('animals', 4)).result();
      await workflow.getHandle(monitorIds.pipeline('animals', 4)).result();
    });
  },

  notification: (server) =>
    withWorkers(server, refusedOnce(), async () => {
      await server.client.workflow.execute(notify, {
        workflowId: 'notify-event',
        taskQueue: queues.ml,
        args: [
          {
            event: {
              ...{ id: 'animals.version.2', kind: 'version_registered', at: '2026-01-02T03:04:05.000Z' },
              ...{ model: 'animals', version: 2 },
            },
          },
        ],
      });
    }),
};

/** A sweep's third trial never becomes a model. */
function diverging(): Activities {
  const fake = fakeActivities();
  return fakeActivities({
    trainRun: async (input) => {
      if (input.config.lr === 0.03) throw new Failure('training-diverged', 'The loss became NaN in epoch 1.');
      return fake.trainRun(input);
    },
  });
}

/** Still training when the sweep is cancelled, but not for ever: a worker waits for its activities. */
async function slowly(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 8000));
  throw new Error('cancelled meanwhile');
}

/** A store in which nothing is prepared yet. */
function unprepared(): Activities {
  const fake = fakeActivities();
  return fakeActivities({
    resolveTrain: async (input) => ({ ...(await fake.resolveTrain(input)), prepared: undefined }),
    latestPrepared: async () => undefined,
  });
}

async function deployed(workflow: WorkflowClient, workflowId: string): Promise<void> {
  await workflow.execute(deploy, {
    workflowId,
    taskQueue: queues.ml,
    args: [{ model: 'animals', version: 2 }],
  });
}

/** A dry run. */
function planning(): Activities {
  const fake = fakeActivities();
  return fakeActivities({
    planDeployment: async (given, of) => ({ ...(await fake.planDeployment(given, of)), dryRun: true }),
  });
}

/** The new version is worse where it has everything; one look before that says nothing yet. */
function breaching(): Activities {
  const fresh = { requests: 10, errors: 0, p50Ms: 1, p95Ms: 2 };
  let looks = 0;
  return fakeActivities({
    watchDeployment: async () => {
      looks += 1;
      if (looks === 1) return { verdict: 'wait', why: 'too few requests', fresh };
      return { verdict: looks === 2 ? 'pass' : 'breach', why: 'as it was', fresh };
    },
  });
}

/** One worker lives, and has ended at the second look of a stop. */
function ending(): Activities {
  const left = [1, 1, 1, 0];
  return fakeActivities({
    lookAfterGpuWorkers: async () => ({
      ...{ backlog: 0, live: left.shift() ?? 0, started: [], stopped: [], said: [], details: '' },
      spent: { today: 0, ever: 0, currency: 'USD' },
    }),
  });
}

/** Of two webhooks one refuses, and is given up. */
function refusedOnce(): Activities {
  return fakeActivities({
    webhooksFor: async () => ['one', 'bad'],
    deliverWebhook: async ({ webhook }) => {
      if (webhook === 'bad') throw new Failure('webhook-refused', 'example.com answered 410.');
      return 'delivered';
    },
  });
}
