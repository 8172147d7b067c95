import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import type { NotifyResult, RegistryEventInput } from '../../contracts/webhooks';
import { notify } from '../../workflows';
import { fakeActivities } from '../support/fake-activities';
import { timeSkippingServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;
beforeAll(async () => {
  server = await timeSkippingServer();
}, 60_000);
afterAll(async () => {
  await server.teardown();
});

const event: RegistryEventInput = {
  ...{ id: 'animals.version.1', kind: 'version_registered', at: '2026-01-02T03:04:05.000Z' },
  ...{ model: 'animals', version: 1 },
};

const start = (workflowId: string): Promise<NotifyResult> =>
  server.client.workflow.execute(notify, { workflowId, taskQueue: queues.ml, args: [{ event }] });

describe('notify', () => {
  it('tells each webhook that wants to hear, also where one of them refuses, and says which did', async () => {
    const given: string[] = [];
    const activities = fakeActivities({
      webhooksFor: async () => ['one', 'bad', 'two'],
      deliverWebhook: async ({ webhook }) => {
        if (webhook === 'bad') throw new Failure('webhook-refused', 'example.com answered 410.');
        return 'delivered';
      },
      giveUpWebhook: async ({ webhook }) => void given.push(webhook),
    });
    await withWorkers(server, activities, async () => {
      expect(await start('notify-some')).toEqual({ delivered: ['one', 'two'], failed: ['bad'] });
    });
    expect(given).toEqual(['bad']);
  });

  it('tries again for hours where a receiver is away, and gives up after a day', async () => {
    let attempts = 0;
    const away = new Set(['night', 'gone']);
    const activities = fakeActivities({
      webhooksFor: async () => ['night', 'gone'],
      deliverWebhook: async ({ webhook }) => {
        if (webhook === 'night' && (attempts += 1) > 10) return 'delivered';
        if (away.has(webhook)) throw new Failure('webhook-unavailable', 'example.com did not answer.');
        return 'delivered';
      },
    });
    await withWorkers(server, activities, async () => {
      expect(await start('notify-away')).toEqual({ delivered: ['night'], failed: ['gone'] });
    });
    expect(attempts).toBe(11);
  });

  it('notes of a delivery that is cancelled that it is not tried any more', async () => {
    const given: string[] = [];
    let tried = (): void => undefined;
    const isTried = new Promise<void>((resolve) => (tried = resolve));
    const activities = fakeActivities({
      webhooksFor: async () => ['gone', 'away'],
      deliverWebhook: async ({ webhook }) => {
        if (webhook === 'away') tried();
        throw new Failure('webhook-unavailable', 'example.com did not answer.');
      },
      giveUpWebhook: async ({ webhook }) => {
        // Neither is forgotten for the other.
        if (webhook === 'away') await new Promise((resolve) => setTimeout(resolve, 500));
        given.push(webhook);
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await server.client.workflow.start(notify, {
        ...{ workflowId: 'notify-cancelled', taskQueue: queues.ml, args: [{ event }] },
      });
      await isTried;
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
    expect(given.sort()).toEqual(['away', 'gone']);
  });
});
