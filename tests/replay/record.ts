import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { queues } from '../../contracts/names';
import { Failure } from '../../contracts/failures';
import type { Activities } from '../../activities';
import { pipeline, promote, rollback, sweep, train, watchData } from '../../workflows';
import { asking, untilWaiting } from '../support/asking-promotion';
import { fakeActivities } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

/**
 * Writes the histories that `replay.test.ts` replays, into the folder of one release:
 * `node --import tsx tests/replay/record.ts 0.1.0`. Histories of earlier releases are never recorded again:
 * that they still replay is what lets running sweeps survive an upgrade.
 */
async function record(release: string): Promise<void> {
  const folder = join(__dirname, 'histories', release);
  mkdirSync(folder, { recursive: true });
  const server = await localServer();
  try {
    const fake = fakeActivities();
    const activities = fakeActivities({
      trainRun: async (input) => {
        if (input.config.lr === 0.03)
          throw new Failure('training-diverged', 'The loss became NaN in epoch 1.');
        return fake.trainRun(input);
      },
    });
    const { workflow } = server.client;
    await withWorkers(server, activities, async () => {
      await workflow.execute(pipeline, { workflowId: 'pipeline-animals', taskQueue: queues.ml, args: [] });
      await workflow.execute(sweep, { workflowId: 'sweep-alone', taskQueue: queues.ml, args: [] });
      await workflow.execute(rollback, {
        workflowId: 'rollback',
        taskQueue: queues.ml,
        args: [{ model: 'animals' }],
      });
    });
    await withWorkers(server, activities, async () => {
      const { pipeline: started } = await workflow.execute(watchData, {
        workflowId: 'watch-animals',
        taskQueue: queues.ml,
        args: [{ settle: 0 }],
      });
      await workflow.getHandle(started ?? '').result();
    });
    await withWorkers(server, unprepared(), async () => {
      await workflow.execute(train, { workflowId: 'train-unprepared', taskQueue: queues.ml, args: [] });
    });
    await withWorkers(server, (await asking()).activities, async () => {
      for (const update of ['approve', 'reject']) {
        const asked = await workflow.start(promote, {
          workflowId: `promote-${update}`,
          taskQueue: queues.ml,
          args: [{ model: 'animals', version: 2 }],
        });
        await untilWaiting(asked);
        await asked.executeUpdate(update, { args: [{ by: 'Ada', reason: 'recorded' }] });
        await asked.result();
      }
    });
    await withWorkers(server, fakeActivities({ trainRun: slowly }), async () => {
      const cancelled = await workflow.start(sweep, {
        workflowId: 'sweep-cancelled',
        taskQueue: queues.ml,
        args: [],
      });
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await cancelled.cancel();
      await cancelled.result().catch(() => undefined);
    });
    for await (const { workflowId } of workflow.list()) {
      const history = await workflow.getHandle(workflowId).fetchHistory();
      const file = `${workflowId.replaceAll('/', '.')}.json`;
      writeFileSync(join(folder, file), `${JSON.stringify(JSON.parse(historyToJSON(history), anonymous))}\n`);
    }
  } finally {
    await server.teardown();
  }
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

/** Leaves out which machine this was recorded on. */
function anonymous(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' ? value.replaceAll(hostname(), 'recorder') : value;
}

void record(process.argv[2] ?? 'next');
