import { Context, log } from '@temporalio/activity';
import { queues } from '../contracts/names';
import { slotsIn } from '../contracts/worker-identity';
import type { Store } from '../lib/storage/store';
import { readQuarantines } from '../lib/training/quarantines';

/** A worker tells of itself four times a minute; one that has been silent for this long is gone. */
const silentMs = 60_000;

/**
 * How many trainings the workers of the queue `gpu` take at once, by what they tell Temporal's server of themselves; those in
 * quarantine count for none.
 *
 * @returns undefined where the server keeps no such list, or no worker has told yet.
 */
export async function countGpuSlots(store: Store): Promise<number | undefined> {
  const { client, info } = Context.current();
  const now = Date.now();
  try {
    const resting = new Set((await readQuarantines(store, now)).map(({ worker }) => worker));
    const { workersInfo } = await client.connection.workflowService.listWorkers({
      namespace: info.namespace,
      query: `TaskQueue = "${queues.gpu}"`,
    });
    let slots = 0;
    for (const { workerHeartbeat: told } of workersInfo) {
      const identity = told?.workerIdentity ?? '';
      if (resting.has(identity) || now - 1000 * Number(told?.heartbeatTime?.seconds ?? 0) > silentMs)
        continue;
      slots += slotsIn(identity);
    }
    return slots === 0 ? undefined : slots;
  } catch (error) {
    log.warn('The workers could not be counted', { error });
    return undefined;
  }
}
