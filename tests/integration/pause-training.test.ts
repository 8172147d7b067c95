import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createActivities, type Activities } from '../../activities';
import { createTrainingActivities } from '../../activities/training';
import { emptyView } from '../../cli/display/view';
import { heartbeatOf, ProgressReader } from '../../cli/temporal/progress';
import { queues } from '../../contracts/names';
import type { PreparedRef } from '../../contracts/refs';
import { runResultSchema } from '../../contracts/schemas/documents';
import { readSettings } from '../../contracts/schemas/settings';
import { openStore } from '../../lib/storage/open-store';
import { readJson } from '../../lib/storage/refs';
import { createDependencies } from '../../workers/dependencies';
import { train } from '../../workflows';
import { nativePart } from '../support/native';
import { putBars } from '../support/prepared-bars';
import { localServer, withWorkers } from '../support/temporal';
import { wholeRun } from '../support/fake-activities';

jest.setTimeout(180_000);

const home = mkdtempSync(join(tmpdir(), 'drover-pause-'));
const settings = readSettings({ DROVER_HOME: home }, home);
const store = openStore(settings.store);
const pidFile = join(home, 'trainer.pid');

let server: TestWorkflowEnvironment;
let activities: Activities;
let prepared: PreparedRef;
/** What workers logged since the test began. */
let logged: string[] = [];

/** No checkpoint of its own accord: one that is there was made because the training was told to stop. */
const training = {
  network: { name: 'cnn', filters: [6, 8], dense: 16 },
  batch_size: 8,
  epochs: 500,
  checkpoint_every: '10000 epochs',
};

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('INFO', ({ message }) => void logged.push(message)) });
  server = await localServer();
  prepared = await putBars(store);
  const dependencies = {
    ...createDependencies(settings, process.env),
    trainer: [process.execPath, '--import', 'tsx', resolve('tests/support/trainer.ts'), pidFile],
  };
  activities = {
    ...createActivities(dependencies),
    ...createTrainingActivities({ ...dependencies, stallAfterMs: 6000 }),
  };
}, 60_000);

beforeEach(() => {
  logged = [];
});

afterAll(async () => {
  await server.teardown();
  rmSync(home, { recursive: true, force: true });
});

type Training = WorkflowHandle<typeof train>;

/** Each by its seed, so that no test finds another's run. */
function start(seed: number, workflowId = `train-${seed}`): Promise<Training> {
  return server.client.workflow.start(train, {
    workflowId,
    taskQueue: queues.ml,
    args: [{ config: { ...training, seed }, prepared }],
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    await after(100);
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

async function pendingOf(handle: Training) {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'trainRun');
}

/** Waits until it has learnt something beyond a step, and gives what Temporal's commands need to name its activity. */
async function learning(handle: Training, beyond = 20) {
  return until('steps', async () => {
    const pending = await pendingOf(handle);
    const told = pending && heartbeatOf(pending);
    if (!pending || !told || told.training?.phase !== 'training' || told.done <= beyond) return undefined;
    return { activityId: pending.activityId ?? '', told, payloads: pending.heartbeatDetails?.payloads };
  });
}

async function temporalCli(...words: readonly string[]): Promise<void> {
  await promisify(execFile)(nativePart('temporal'), [...words, '--address', server.address]);
}

async function checkpoints(): Promise<number[]> {
  const steps: number[] = [];
  for await (const key of store.list('runs/')) {
    const step = /checkpoints\/(\d+)\/checkpoint\.json$/.exec(key)?.[1];
    if (step !== undefined) steps.push(Number(step));
  }
  return steps;
}

function trainerPid(): number {
  return Number(readFileSync(pidFile, 'utf8'));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function cancelled(handle: Training): Promise<boolean> {
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

const { PENDING_ACTIVITY_STATE_PAUSED } = temporal.api.enums.v1.PendingActivityState;

async function paused(handle: Training): Promise<void> {
  await until('the pause', async () =>
    (await pendingOf(handle))?.state === PENDING_ACTIVITY_STATE_PAUSED ? true : undefined,
  );
}

describe('a training whose activity is paused by the Temporal CLI', () => {
  it('saves a checkpoint, stands still, and goes on from that very step to its end', async () => {
    await withWorkers(server, activities, async () => {
      const handle = await start(1);
      const { activityId, told, payloads } = await learning(handle);
      expect(told.note).toMatch(/^epoch \d+ of 500, loss [\d.]+, accuracy [\d.]+ %/);
      expect(payloads?.[0]?.data?.length).toBeLessThan(400);
      const pid = trainerPid();
      await temporalCli('activity', 'pause', '--workflow-id', handle.workflowId, '--activity-id', activityId);
      await paused(handle);

      expect(isAlive(pid)).toBe(false);
      const [step, ...more] = await checkpoints();
      expect(more).toEqual([]);
      expect(step).toBeGreaterThanOrEqual(told.done);
      const reader = new ProgressReader(server.client, handle.workflowId, 'train');
      expect((await reader.read(emptyView(''), Date.now())).trouble).toMatch(
        /trainRun is paused.* unpause --workflow-id train-1 --activity-id \d+$/,
      );
      await after(3000);
      expect(await checkpoints()).toEqual([step]);
      expect(trainerPid()).toBe(pid);
      expect((await handle.describe()).status.name).toBe('RUNNING');

      await temporalCli(
        'activity',
        'unpause',
        ...['--workflow-id', handle.workflowId, '--activity-id', activityId],
      );
      // On a busy machine it may end before a heartbeat is seen: no longer paused is enough here.
      await until('the going on', async () =>
        (await pendingOf(handle))?.state === PENDING_ACTIVITY_STATE_PAUSED ? undefined : true,
      );
      expect(await reader.read(emptyView(''), Date.now())).not.toHaveProperty('trouble');
      const { result } = wholeRun(await handle.result());
      expect(logged.filter((line) => line.startsWith('Going on after'))).toEqual([
        expect.stringMatching(`^Going on after ${step} steps`),
      ]);
      const { history } = await readJson(store, result, runResultSchema);
      expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
    });
  });

  it('can be cancelled while it is paused', async () => {
    await withWorkers(server, activities, async () => {
      const handle = await start(2);
      const { activityId } = await learning(handle);
      await temporalCli('activity', 'pause', '--workflow-id', handle.workflowId, '--activity-id', activityId);
      await paused(handle);
      await temporalCli('workflow', 'cancel', '--workflow-id', handle.workflowId);
      expect(await cancelled(handle)).toBe(true);
    });
  });
});

describe('a training whose workflow is cancelled by the Temporal CLI', () => {
  it('is over once its checkpoint is saved and its trainer gone, and the next one goes on from there', async () => {
    await withWorkers(server, activities, async () => {
      const before = await checkpoints();
      const handle = await start(3);
      await learning(handle);
      const pid = trainerPid();
      await temporalCli('workflow', 'cancel', '--workflow-id', handle.workflowId);
      expect(await cancelled(handle)).toBe(true);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(isAlive(pid)).toBe(false);
      const [step, ...more] = (await checkpoints()).filter((found) => !before.includes(found));
      expect(more).toEqual([]);

      const again = await start(3, 'train-again');
      await until('the checkpoint to be gone on from', () =>
        logged.find((line) => line.startsWith(`Going on after ${step} steps`)),
      );
      await again.cancel();
      expect(await cancelled(again)).toBe(true);
    });
  });
});

describe('a training whose worker is shut down', () => {
  it('saves a checkpoint, and the next worker goes on from it', async () => {
    const before = await checkpoints();
    const handle = await withWorkers(server, activities, async () => {
      const started = await start(4);
      await learning(started);
      return started;
    });
    const [step] = (await checkpoints()).filter((found) => !before.includes(found));
    expect(step).toBeGreaterThan(0);
    await withWorkers(server, activities, async () => {
      await until('the checkpoint to be gone on from', () =>
        logged.find((line) => line.startsWith(`Going on after ${step} steps`)),
      );
      await handle.cancel();
      expect(await cancelled(handle)).toBe(true);
    });
  });
});

describe('a trainer that stands still', () => {
  it('is killed, and another takes its place and finishes', async () => {
    await withWorkers(server, activities, async () => {
      const handle = await start(5);
      await learning(handle);
      const pid = trainerPid();
      process.kill(pid, 'SIGSTOP');
      await until('another trainer', () => (trainerPid() === pid ? undefined : true));
      expect(isAlive(pid)).toBe(false);
      expect((await pendingOf(handle))?.lastFailure).toMatchObject({
        applicationFailureInfo: { type: 'training-stalled' },
      });
      expect((await handle.result()).epochs).toBe(500);
    });
  });
});
