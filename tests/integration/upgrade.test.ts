import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { failureInterceptor } from '../../activities/failures';
import { queues } from '../../contracts/names';
import type { Leaderboard } from '../../contracts/progress';
import type { SweepResult } from '../../contracts/results';
import { fakeActivities, sweepConfig } from '../support/fake-activities';
import { localServer, workflowBundle } from '../support/temporal';

jest.setTimeout(120_000);

/**
 * A running sweep is begun by the workers of an earlier release and ended by those of today, each with its own workflow code; the
 * server is a real one. Trainings are not, so that a test says when each ends: what is shown here is that order, waiting and memory of a
 * sweep outlast the change.
 */

const trials = 4;
const folder = mkdtempSync(join(tmpdir(), 'drover-upgrade-'));
let server: TestWorkflowEnvironment;
let today: { readonly code: string } | { readonly codePath: string };

beforeAll(async () => {
  server = await localServer();
  today = await workflowBundle();
}, 60_000);

afterAll(async () => {
  await server.teardown();
  rmSync(folder, { recursive: true, force: true });
});

/** A release's workflow code, as `tests/replay/keep-bundle.ts` kept it. */
function bundleOf(release: string): { readonly codePath: string } {
  const codePath = join(folder, `${release}.js`);
  const kept = readFileSync(resolve('tests/fixtures/workflow-bundles', `${release}.js.gz`));
  writeFileSync(codePath, gunzipSync(kept));
  return { codePath };
}

/** What all workers of this test train by: each training waits until it is let go, and is counted when it ends. */
class Trainings {
  readonly ended: number[] = [];
  private readonly open: (() => void)[] = [];
  private free = false;

  readonly activities = fakeActivities({
    resolveSweep: async (input) => ({
      ...(await fakeActivities().resolveSweep(input)),
      config: sweepConfig({ run_cap: trials, parallelism: 2 }),
    }),
    trainRun: async (input) => {
      if (!this.free) await new Promise<void>((go) => this.open.push(go));
      this.ended.push(input.config.lr);
      return fakeActivities().trainRun(input);
    },
  });

  get waiting(): number {
    return this.open.length;
  }

  letOneGo(): void {
    this.open.shift()?.();
  }

  letAllGo(): void {
    this.free = true;
    for (const go of this.open.splice(0)) go();
  }
}

/** One process's worth of workers. @returns what ends them, their activities with them */
async function workers(
  workflowCode: { readonly code: string } | { readonly codePath: string },
  { activities }: Trainings,
): Promise<() => Promise<void>> {
  // A connection of its own, as every process has: one can't have two workers on a queue.
  const connection = await NativeConnection.connect({ address: server.address });
  const running = await Promise.all(
    Object.values(queues).map((taskQueue) =>
      Worker.create({
        connection,
        taskQueue,
        activities,
        shutdownGraceTime: 0,
        interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
        ...(taskQueue === queues.ml && { workflowBundle: workflowCode }),
      }),
    ),
  );
  const runs = running.map((worker) => worker.run());
  return async () => {
    for (const worker of running) worker.shutdown();
    await Promise.all(runs);
    await connection.close();
  };
}

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    if (await check()) return;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

const leaderboard = (handle: WorkflowHandle): Promise<Leaderboard> =>
  handle.query<Leaderboard>('leaderboard');

async function childrenOf(id: string): Promise<string[]> {
  const found: string[] = [];
  for (let trial = 1; trial <= trials + 1; trial += 1) {
    try {
      const { status } = await server.client.workflow.getHandle(`${id}/trial-${trial}`).describe();
      found.push(`${trial} ${status.name}`);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return found;
}

describe.each(['0.1.0'])('a sweep that workers of %s have begun', (release) => {
  it('is ended by those of today, no trial lost and none trained twice', async () => {
    const trainings = new Trainings();
    const old = await workers(bundleOf(release), trainings);
    const id = `sweep-of-${release}`;
    const handle = await server.client.workflow.start('sweep', { workflowId: id, taskQueue: queues.ml });
    await until('two trainings', () => trainings.waiting === 2);
    trainings.letOneGo();
    await until('a finished trial', async () => (await leaderboard(handle)).finished === 1);
    await until('the next training', () => trainings.waiting === 2);

    // The old ones end once what they train has come to its end; what it came to waits for those that come.
    const ended = old();
    trainings.letAllGo();
    await ended;
    const fresh = await workers(today, trainings);
    try {
      const result: SweepResult = await handle.result();
      expect(result).toMatchObject({ trials, failed: 0 });
    } finally {
      await fresh();
    }
    expect([...trainings.ended].sort()).toEqual([0.01, 0.02, 0.03, 0.04]);
    expect(await childrenOf(id)).toEqual(['1 COMPLETED', '2 COMPLETED', '3 COMPLETED', '4 COMPLETED']);
  });

  it('is ended where both work at once, as where machines are upgraded one after the other', async () => {
    const trainings = new Trainings();
    const old = await workers(bundleOf(release), trainings);
    const id = `shared-sweep-of-${release}`;
    const handle = await server.client.workflow.start('sweep', { workflowId: id, taskQueue: queues.ml });
    await until('two trainings', () => trainings.waiting === 2);
    trainings.letOneGo();
    await until('a finished trial', async () => (await leaderboard(handle)).finished === 1);
    const first = [...trainings.ended];
    // Either may take any task now.
    const fresh = await workers(today, trainings);
    const ended = old();
    trainings.letAllGo();
    await ended;
    try {
      expect(await handle.result()).toMatchObject({ trials, failed: 0 });
    } finally {
      await fresh();
    }
    expect(trainings.ended.filter((lr) => first.includes(lr))).toEqual(first);
    expect(await childrenOf(id)).toEqual(['1 COMPLETED', '2 COMPLETED', '3 COMPLETED', '4 COMPLETED']);
  });
});
