import { setTimeout as sleep } from 'node:timers/promises';
import { Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { queues } from '../contracts/names';
import type { RegistryEvent } from '../contracts/schemas/webhooks';
import type { Settings } from '../contracts/schemas/settings';
import { notification } from '../contracts/webhooks';
import type { Logger } from '../lib/logging/logger';
import { createRegistry } from '../lib/registry/registry';
import { openStore } from '../lib/storage/open-store';
import { handOver } from '../lib/webhooks/changes';
import { readWebhooks } from '../lib/webhooks/read-webhooks';

/** Between two looks at the registry, in milliseconds. */
const lookMs = 5_000;
/** Of looks that fail, the longest wait. */
const longestWaitMs = 5 * 60_000;

interface Watch {
  readonly connection: NativeConnection;
  readonly dataConverter: DataConverter;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Looks at the registry until `signal` is aborted, and starts a workflow for everything that happened since the last
 * look, where there is a webhook to tell. Its id is the event's, so two workers that see the same start one.
 */
export async function watchRegistry({
  connection,
  dataConverter,
  settings,
  logger,
  signal,
}: Watch): Promise<void> {
  const client = new Client({ connection, dataConverter, namespace: settings.temporal.namespace });
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const registry = createRegistry(store);

  async function start(event: RegistryEvent): Promise<void> {
    try {
      await client.workflow.start(notification.type, {
        workflowId: notification.id(event.id),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        taskQueue: queues.ml,
        args: [{ event }],
        staticSummary: `${event.kind} ${event.model} ${event.version}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  const isStopped = (): boolean => signal.aborted;
  for (let failures = 0; !isStopped();) {
    try {
      // Read at every look, so that a change of it needs no restart.
      const webhooks = await readWebhooks({ project: settings.project, store });
      if (webhooks.length > 0) {
        const events = await handOver(store, registry, start);
        if (events > 0) logger.info('told of changes in the registry', { events });
      }
      if (failures > 0) logger.info('webhooks: the registry can be looked at again');
      failures = 0;
    } catch (error) {
      if (isStopped()) return;
      if (failures === 0)
        logger.warn('webhooks: looking at the registry failed; it is tried again', { error });
      failures += 1;
    }
    const wait = Math.min(lookMs * 2 ** failures, longestWaitMs);
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}
