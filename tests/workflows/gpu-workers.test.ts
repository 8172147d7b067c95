import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { GpuWorkersResult } from '../../contracts/gpu-workers';
import { queues } from '../../contracts/names';
import { fakeActivities } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

jest.setTimeout(60_000);

let server: TestWorkflowEnvironment;
beforeAll(async () => {
  server = await localServer();
}, 60_000);
afterAll(async () => {
  await server.teardown();
});

const result = (live: number): GpuWorkersResult => ({
  ...{ backlog: 0, live, started: [], stopped: [], said: [], details: `${live} live` },
  spent: { today: 0, ever: 0, currency: 'USD' },
});

const run = (mode?: string): Promise<GpuWorkersResult> =>
  server.client.workflow.execute('gpuWorkers', {
    workflowId: `gpu-workers-${mode ?? 'look'}`,
    taskQueue: queues.ml,
    args: mode === undefined ? [] : [{ mode }],
  });

describe('gpuWorkers', () => {
  it('looks once, and leaves the rest to the next look', async () => {
    let looks = 0;
    const activities = fakeActivities({ lookAfterGpuWorkers: async () => result((looks += 1)) });
    await withWorkers(server, activities, async () => {
      expect(await run()).toMatchObject({ live: 1 });
    });
    expect(looks).toBe(1);
  });

  it('told to stop, looks until nothing lives', async () => {
    const left = [2, 1, 0];
    const given: unknown[] = [];
    const activities = fakeActivities({
      lookAfterGpuWorkers: async (input) => {
        given.push(input);
        return result(left[given.length - 1] ?? 0);
      },
    });
    await withWorkers(server, activities, async () => {
      expect(await run('stop')).toMatchObject({ live: 0 });
    });
    expect(given).toEqual([{ mode: 'stop' }, { mode: 'stop' }, { mode: 'stop' }]);
  });

  it('told to start, takes back a stop before it looks', async () => {
    const order: string[] = [];
    const activities = fakeActivities({
      startGpuWorkersAgain: async () => void order.push('again'),
      lookAfterGpuWorkers: async () => {
        order.push('look');
        return result(0);
      },
    });
    await withWorkers(server, activities, async () => {
      await run('start');
    });
    expect(order).toEqual(['again', 'look']);
  });
});
