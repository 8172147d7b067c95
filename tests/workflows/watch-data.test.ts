import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { queues, workflowIds } from '../../contracts/names';
import { watchData } from '../../workflows';
import { fakeActivities } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const version = '0'.repeat(64);
const pipelineId = workflowIds.pipelineOf('animals', version);

const look = (workflowId: string) =>
  server.client.workflow.execute(watchData, { workflowId, taskQueue: queues.ml, args: [{ settle: 0 }] });

const pipelines = async (): Promise<number> => {
  const { count } = await server.client.workflow.count(`WorkflowId = '${pipelineId}'`);
  return count;
};

describe('watchData', () => {
  it('starts one pipeline for a new version, however many looks see it, and lets it go on by itself', async () => {
    // As the store's compare-and-swap: the first who claims has it.
    let owner: string | undefined;
    const activities = fakeActivities({ claimVersion: async ({ by }) => (owner ??= by) === by });
    await withWorkers(server, activities, async () => {
      const results = await Promise.all([look('watch-1'), look('watch-2'), look('watch-3')]);
      expect(results.map((result) => result.pipeline).filter(Boolean)).toEqual([pipelineId]);
      expect(results.every((result) => result.version === version)).toBe(true);
      expect(await server.client.workflow.getHandle(pipelineId).result()).toMatchObject({ promoted: true });
      expect(await look('watch-4')).toMatchObject({
        version,
        reason: expect.stringContaining('as they were trained on'),
      });
      expect(await pipelines()).toBe(1);
    });
  });

  it('starts no second pipeline even where the claim was lost, as with a store that was emptied', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      expect(await look('watch-again')).toMatchObject({ pipeline: pipelineId });
      expect(await pipelines()).toBe(1);
    });
  });

  it('trains on what it has claimed, where it is cancelled before the pipeline has begun', async () => {
    const fake = fakeActivities();
    const claimed = '1'.repeat(64);
    let go = (): void => undefined;
    const told = new Promise<void>((resolve) => (go = resolve));
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const activities = fakeActivities({
      finishIngest: async (given) => ({
        ...(await fake.finishIngest(given)),
        manifest: { uri: 'store://claimed', sha256: claimed },
      }),
      claimVersion: async () => {
        reach();
        await told;
        return true;
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await server.client.workflow.start(watchData, {
        ...{ workflowId: 'watch-cancelled', taskQueue: queues.ml, args: [{ settle: 0 }] },
      });
      await reached;
      await handle.cancel();
      // Long enough that the workflow has heard of it.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      go();
      expect(await handle.result()).toMatchObject({ version: claimed });
      const started = server.client.workflow.getHandle(workflowIds.pipelineOf('animals', claimed));
      expect(await started.result()).toMatchObject({ promoted: true });
    });
  });

  it('waits until a source that is being written holds still, and trains on what is there then', async () => {
    const fake = fakeActivities();
    const keys = ['a', 'b', 'c', 'c', 'c'];
    let looks = 0;
    let ingests = 0;
    const activities = fakeActivities({
      planWatch: async () => ({ settle: 0.2 }),
      lookAtSource: async (input) => {
        const key = keys[Math.min(looks, keys.length - 1)] ?? '';
        looks += 1;
        return { ...(await fake.lookAtSource(input)), key };
      },
      collectSource: async (plan) => {
        ingests += 1;
        return fake.collectSource(plan);
      },
      claimVersion: async () => false,
    });
    await withWorkers(server, activities, async () => {
      await look('watch-settling');
    });
    expect(looks).toBe(4);
    expect(ingests).toBe(1);
  });

  it('ingests at once where nobody can tell whether the source has changed, such as a manifest of addresses', async () => {
    const fake = fakeActivities();
    let looks = 0;
    const activities = fakeActivities({
      planWatch: async () => ({ settle: 0.2 }),
      lookAtSource: async (input) => ({
        ...(await fake.lookAtSource(input)),
        key: String((looks += 1)),
        untold: true,
      }),
      claimVersion: async () => false,
    });
    await withWorkers(server, activities, async () => {
      expect(await look('watch-untold')).toMatchObject({ version });
    });
    expect(looks).toBe(1);
  });

  it('leaves a source that never holds still to the next look, and ingests nothing', async () => {
    const fake = fakeActivities();
    let looks = 0;
    const activities = fakeActivities({
      planWatch: async () => ({ settle: 0.01 }),
      lookAtSource: async (input) => ({ ...(await fake.lookAtSource(input)), key: String((looks += 1)) }),
      planIngest: async () => {
        throw new Error('must not be asked');
      },
    });
    await withWorkers(server, activities, async () => {
      expect(await look('watch-restless')).toMatchObject({
        reason: expect.stringContaining('does not hold still'),
      });
    });
  });
});
