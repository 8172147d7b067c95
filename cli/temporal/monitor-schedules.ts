import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { monitorIds, type MonitorInput } from '../../contracts/monitor';
import { queues } from '../../contracts/names';
import { interval, type Rhythm, seconds } from './schedules';

/** A model's looks, as Temporal has them. */
export interface MonitorSchedule {
  readonly paused: boolean;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
  readonly rhythm: string;
}

/** A look that was missed for longer than this, while the server was away, is not made up for: the next one sees the same and more. */
const catchupWindow = '10 minutes';

/**
 * Has looks made on a schedule, in place of one that is there. They never overlap: one that is due while another still goes on is
 * left out.
 *
 * @throws Failure `start-refused` for a rhythm that is none
 */
export async function putMonitor(
  client: Client,
  model: string,
  input: MonitorInput,
  rhythm: Rhythm,
): Promise<'made' | 'changed'> {
  const scheduleId = monitorIds.schedule(model);
  const spec: ScheduleOptions['spec'] =
    'cron' in rhythm
      ? { cronExpressions: [rhythm.cron] }
      : { intervals: [{ every: interval(rhythm.every) }] };
  const options = {
    scheduleId,
    spec,
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'monitor',
      workflowId: monitorIds.look(model),
      taskQueue: queues.ml,
      args: [input],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    state: { note: `Looks whether what is sent to ${model} still looks like what it was made of` },
  };
  try {
    await client.schedule.create(options);
    return 'made';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((before) => ({
      ...options,
      state: { ...options.state, paused: before.state.paused },
    }));
    return 'changed';
  }
}

/** @throws Failure `not-found` where that model is on no schedule */
export async function changeMonitor(
  client: Client,
  model: string,
  change: 'pause' | 'resume' | 'unschedule',
): Promise<void> {
  const handle = client.schedule.getHandle(monitorIds.schedule(model));
  try {
    if (change === 'pause') await handle.pause('paused by drover monitor pause');
    else if (change === 'resume') await handle.unpause('resumed by drover monitor resume');
    else await handle.delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new Failure(
      'not-found',
      `Nothing looks at ${model} on a schedule. Begin with: npx drover monitor schedule`,
      { cause: error },
    );
  }
}

/** Undefined where that model is on no schedule. */
export async function findMonitor(client: Client, model: string): Promise<MonitorSchedule | undefined> {
  try {
    const { spec, state, info } = await client.schedule.getHandle(monitorIds.schedule(model)).describe();
    const every = spec.intervals?.map((one) => `every ${seconds(one.every)}`) ?? [];
    return {
      paused: state.paused,
      next: info.nextActionTimes[0],
      last: info.recentActions.at(-1)?.takenAt,
      rhythm: every.length > 0 ? every.join(', ') : 'by cron',
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
