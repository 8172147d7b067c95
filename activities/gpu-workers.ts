import { Context, log } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { Failure } from '../contracts/failures';
import { gpuWorkersIds, type GpuWorkersResult } from '../contracts/gpu-workers';
import { queues } from '../contracts/names';
import { gpuWorkersInputSchema } from '../contracts/schemas/gpu-workers';
import { hostIn } from '../contracts/worker-identity';
import { resolveConfiguration } from '../lib/configuration/resolve';
import type { DeploymentSurroundings } from '../lib/deployment/targets';
import { lookAfterGpuWorkers, type Seen } from '../lib/gpu-workers/look';
import { changeGpuWorkers } from '../lib/gpu-workers/records';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

interface Dependencies {
  readonly store: Store;
  readonly project: string;
  readonly defaults: string;
  readonly deployment: Pick<DeploymentSurroundings, 'cloudEndpoint'>;
}

/** GPU workers at Google, as many as the queue needs. */
export function createGpuWorkersActivities({ store, project, defaults, deployment }: Dependencies) {
  return {
    /** One look at the queue and at Google's jobs, and what follows; safe to be killed in, and to be done again. */
    async lookAfterGpuWorkers(given: unknown): Promise<GpuWorkersResult> {
      const { mode, config, overrides } = parseInput(gpuWorkersInputSchema, given ?? undefined, 'gpuWorkers');
      const resolved = await resolveConfiguration(
        'gpu-workers',
        config === undefined && overrides === undefined ? undefined : { config, overrides: overrides ?? [] },
        { project, store, defaultConfigs: defaults },
      );
      return withHeartbeat(async () => {
        // What is to end in any case must not wait for what Temporal can't tell.
        const seen = mode === 'stop' ? unasked : await whatTemporalTells();
        return lookAfterGpuWorkers(resolved.config, mode === 'start' ? 'look' : mode, seen, {
          store,
          endpoint: deployment.cloudEndpoint,
        });
      });
    },

    /**
     * After somebody said stop, and now says start.
     *
     * @throws Failure `start-refused` while it still stops: the next look of that would undo this
     */
    async startGpuWorkersAgain(): Promise<void> {
      if (await isStopping()) {
        throw new Failure(
          'start-refused',
          `${gpuWorkersIds.stop} still ends the workers. Start them once it has, or cancel it first: ` +
            `npx temporal workflow cancel -w ${gpuWorkersIds.stop}`,
        );
      }
      await changeGpuWorkers(store, (record) => (record.stopped ? { ...record, stopped: false } : record));
    },
  };
}

async function isStopping(): Promise<boolean> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(gpuWorkersIds.stop).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const unasked: Seen = { backlog: undefined, heard: new Map() };

async function whatTemporalTells(): Promise<Seen> {
  const [backlog, heard] = await Promise.all([gpuBacklog(), workersHeard()]);
  return { backlog, heard };
}

/** Trainings that no worker has taken yet, by Temporal's own count; undefined where it gives none. */
async function gpuBacklog(): Promise<number | undefined> {
  const { client, info } = Context.current();
  try {
    const { stats } = await client.connection.workflowService.describeTaskQueue({
      namespace: info.namespace,
      taskQueue: { name: queues.gpu },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
      reportStats: true,
    });
    return stats?.approximateBacklogCount == null ? undefined : Number(stats.approximateBacklogCount);
  } catch (error) {
    log.warn('The backlog could not be counted', { error });
    return undefined;
  }
}

/** When each worker of the queue was last heard of, by the name that its job gave it. */
async function workersHeard(): Promise<ReadonlyMap<string, number>> {
  const { client, info } = Context.current();
  const heard = new Map<string, number>();
  const { workersInfo } = await client.connection.workflowService.listWorkers({
    namespace: info.namespace,
    query: `TaskQueue = "${queues.gpu}"`,
  });
  for (const { workerHeartbeat: told } of workersInfo) {
    const name = hostIn(told?.workerIdentity ?? '');
    const at = 1000 * Number(told?.heartbeatTime?.seconds ?? 0);
    if (at > (heard.get(name) ?? 0)) heard.set(name, at);
  }
  return heard;
}
