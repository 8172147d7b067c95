import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { gpuWorkersIds, type GpuWorkersInput } from '../../contracts/gpu-workers';
import { queues } from '../../contracts/names';
import { waitMilliseconds } from '../../contracts/waits';

/** Looks at the queue again and again, in place of what does so already. One look at a time: one that is due meanwhile is left out. */
export async function putGpuSchedule(client: Client, every: string, input: GpuWorkersInput): Promise<void> {
  const options: ScheduleOptions = {
    scheduleId: gpuWorkersIds.schedule,
    spec: { intervals: [{ every: waitMilliseconds(every) }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'gpuWorkers',
      workflowId: gpuWorkersIds.look,
      taskQueue: queues.ml,
      args: [input],
    },
    // What was missed while the server was away, the next look sees as well.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    state: { note: `GPU workers: looks every ${every}` },
  };
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(gpuWorkersIds.schedule)
      .update(() => ({ ...options, state: { paused: false } }));
  }
}

export async function removeGpuSchedule(client: Client): Promise<void> {
  try {
    await client.schedule.getHandle(gpuWorkersIds.schedule).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** How often the queue is looked at, for people; undefined where it is not. */
export async function lookingSince(client: Client): Promise<string | undefined> {
  try {
    const { spec, state } = await client.schedule.getHandle(gpuWorkersIds.schedule).describe();
    const seconds = (spec.intervals?.[0]?.every ?? 0) / 1000;
    return state.paused ? undefined : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
