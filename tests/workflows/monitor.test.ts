import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  monitorIds,
  type MonitorInput,
  type MonitorCooldown,
  type MonitorResult,
} from '../../contracts/monitor';
import { queues } from '../../contracts/names';
import type { FollowUp } from '../../contracts/schemas/monitor';
import { monitor, retrain } from '../../workflows';
import { drifting, untilAsked } from '../support/drifting';
import { fakeActivities } from '../support/fake-activities';
import { localServer, timeSkippingServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

let looks = 0;
const look = (input?: MonitorInput): Promise<MonitorResult> =>
  server.client.workflow.execute(monitor, {
    workflowId: `look-${(looks += 1)}`,
    taskQueue: queues.ml,
    args: input === undefined ? [] : [input],
  });

const retraining = (version = 2): WorkflowHandle =>
  server.client.workflow.getHandle(monitorIds.retrain('animals', version));

const pipelines = async (): Promise<number> =>
  (await server.client.workflow.count(`WorkflowType = 'pipeline'`)).count;

describe('monitor', () => {
  it('has nothing to compare with where there is no champion, and says so', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      expect(await look()).toMatchObject({ model: 'animals', verdict: 'no-model' });
    });
  });

  it.each(['quiet', 'too-few'] as const)(
    'tells nobody and starts nothing where it is %s',
    async (verdict) => {
      const { activities, told } = drifting({ verdict, policy: 'pipeline' });
      await withWorkers(server, activities, async () => {
        const result = await look();
        expect(result).toMatchObject({ verdict, reason: 'because' });
        expect(result).not.toHaveProperty('followUp');
      });
      expect(told).toEqual([]);
      expect(await pipelines()).toBe(0);
    },
  );

  it('tells the webhooks of drift, with the report, and starts nothing where the policy is to alert', async () => {
    const { activities, told } = drifting({ policy: 'alert' });
    await withWorkers(server, activities, async () => {
      const { look: id } = await look();
      await server.client.workflow.getHandle(`notify-animals.drift.${id}`).result();
    });
    expect(told).toMatchObject([
      { kind: 'drift_found', model: 'animals', version: 2, reason: 'because', report: expect.any(String) },
    ]);
    expect(await pipelines()).toBe(0);
  });

  it('does neither in a dry run', async () => {
    const { activities, told } = drifting({ policy: 'pipeline' });
    await withWorkers(server, activities, async () => {
      expect(await look({ dryRun: true })).toMatchObject({ verdict: 'drift' });
    });
    expect(told).toEqual([]);
    expect(await pipelines()).toBe(0);
  });

  it('asks one person however many looks find drift, and starts the pipeline once approved', async () => {
    const { activities, kept, told } = drifting({ policy: 'ask' });
    await withWorkers(server, activities, async () => {
      expect(await look()).toMatchObject({
        followUp: { workflow: 'retrain-animals-v2', policy: 'ask', already: false },
      });
      expect(await look()).toMatchObject({ followUp: { already: true } });
      await untilAsked(retraining());
      expect(await pipelines()).toBe(0);
      await retraining().executeUpdate('approve', { args: [{ by: 'Ada', reason: 'new camera' }] });
      expect(await retraining().result()).toMatchObject({
        state: 'started',
        pipeline: 'pipeline-animals-drift-v2',
      });
      expect(await server.client.workflow.getHandle('pipeline-animals-drift-v2').result()).toMatchObject({
        promoted: true,
      });
    });
    // Who reads the record while labels are added sees who has approved.
    expect(kept.map(({ state }) => state)).toEqual(['waiting', 'starting', 'started']);
    expect(kept[1]).toMatchObject({ answer: { approved: true, by: 'Ada', reason: 'new camera' } });
    // The second look asked nobody, so that no deadline is told.
    expect(told.map(({ deadline }) => deadline !== undefined)).toEqual([true, false]);
  });

  it('starts no pipeline where a person rejects', async () => {
    const before = await pipelines();
    const { activities, kept } = drifting({ policy: 'ask' });
    await withWorkers(server, activities, async () => {
      await look();
      await untilAsked(retraining());
      await retraining().executeUpdate('reject', { args: [{ by: 'Ada', reason: 'a fair was on' }] });
      expect(await retraining().result()).toMatchObject({
        state: 'rejected',
        reason: 'rejected by Ada: a fair was on',
      });
    });
    expect(kept.at(-1)).toMatchObject({ state: 'rejected' });
    expect(await pipelines()).toBe(before);
  });

  it.each(['ask', 'pipeline'] as const)(
    'tells of drift that was answered not long ago, and begins nothing where the policy is %s',
    async (policy) => {
      const before = await pipelines();
      const cooldown: MonitorCooldown = {
        ...{ workflow: 'retrain-animals-v7', state: 'rejected', reason: 'rejected by Ada: a fair was on' },
        until: '2026-01-08T03:04:05.000Z',
      };
      const { activities, kept, told } = drifting({ policy, version: 7, cooldown });
      await withWorkers(server, activities, async () => {
        const result = await look();
        expect(result).toMatchObject({ verdict: 'drift', cooldown });
        expect(result).not.toHaveProperty('followUp');
        await server.client.workflow.getHandle(`notify-animals.drift.${result.look}`).result();
      });
      expect(told).toMatchObject([{ kind: 'drift_found', version: 7 }]);
      expect(told[0]).not.toHaveProperty('deadline');
      expect(kept).toEqual([]);
      expect(await pipelines()).toBe(before);
    },
  );

  it('adds reviewed labels before it starts the pipeline by itself', async () => {
    const order: string[] = [];
    const { activities, kept } = drifting(
      { policy: 'pipeline' },
      {
        addReviewedLabels: async () => {
          order.push('labels');
          return { pictures: 12, version: 'a'.repeat(64) };
        },
        resolvePipeline: async (input) => {
          order.push(JSON.stringify(input));
          return fakeActivities().resolvePipeline(input);
        },
      },
    );
    await withWorkers(server, activities, async () => {
      await look();
      await retraining().result();
      await server.client.workflow.getHandle('pipeline-animals-drift-v2').result();
    });
    expect(order[0]).toBe('labels');
    expect(order[1]).toContain('"sweep.run_cap=2"');
    expect(kept).toMatchObject([
      {
        state: 'started',
        labels: { pictures: 12 },
        reason: expect.stringContaining('12 pictures with reviewed labels'),
      },
    ]);
  });

  it('says of a retraining that is cancelled that it was', async () => {
    const { activities, kept } = drifting({ policy: 'ask' });
    await withWorkers(server, activities, async () => {
      await look();
      await untilAsked(retraining());
      await retraining().cancel();
      await expect(retraining().result()).rejects.toThrow();
    });
    expect(kept.at(-1)).toMatchObject({ state: 'cancelled' });
  });
});

describe('retrain', () => {
  it('has started a pipeline, in its record too, where it is cancelled while that is written', async () => {
    const [reached, cancelled] = [new AbortController(), new AbortController()];
    const written: FollowUp[] = [];
    const { activities } = drifting(
      { policy: 'pipeline', version: 11 },
      {
        keepFollowUp: async (record) => {
          const isCancelled = once(cancelled.signal, 'abort');
          reached.abort();
          await isCancelled;
          written.push(record);
        },
      },
    );
    await withWorkers(server, activities, async () => {
      const isReached = once(reached.signal, 'abort');
      await look();
      await isReached;
      const handle = server.client.workflow.getHandle('retrain-animals-v11');
      await handle.cancel();
      // Long enough that the workflow has heard of it.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      cancelled.abort();
      expect(await handle.result()).toMatchObject({ state: 'started' });
    });
    expect(written.map(({ state }) => state)).toEqual(['started']);
  });

  it('starts nothing where nobody decides within the deadline, and has reminded meanwhile', async () => {
    const skipping = await timeSkippingServer();
    try {
      const { activities, kept } = drifting({});
      await withWorkers(skipping, activities, async () => {
        const result = await skipping.client.workflow.execute(retrain, {
          workflowId: 'retrain-nobody',
          taskQueue: queues.ml,
          args: [
            {
              ...{ model: 'animals', version: 2, look: 'look', reason: 'because' },
              approval: { deadline: '3d', reminder: '1d' },
              pipeline: { overrides: [] },
            },
          ],
        });
        expect(result).toMatchObject({
          state: 'expired',
          reminders: 2,
          reason: 'nobody decided within 3d',
        });
      });
      expect(kept.map(({ state }) => state)).toEqual(['waiting', 'expired']);
    } finally {
      await skipping.teardown();
    }
  }, 60_000);
});
