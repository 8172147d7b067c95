import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { monitorIds, type MonitorInput } from '../../contracts/monitor';
import { putSchedule, type Rhythm, rhythmOf } from './put-schedule';

/** A model's looks, as Temporal has them. */
export interface MonitorSchedule {
  readonly paused: boolean;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
  readonly rhythm: string;
}

/** Has looks made on a schedule, in place of one that is there. */
export function putMonitor(
  client: Client,
  model: string,
  input: MonitorInput,
  rhythm: Rhythm,
): Promise<'made' | 'changed'> {
  return putSchedule(client, {
    ...{
      scheduleId: monitorIds.schedule(model),
      workflowId: monitorIds.look(model),
      workflowType: 'monitor',
    },
    ...{ rhythm, input, note: `Looks whether what is sent to ${model} still looks like what it was made of` },
  });
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
    return {
      paused: state.paused,
      next: info.nextActionTimes[0],
      last: info.recentActions.at(-1)?.takenAt,
      rhythm: rhythmOf(spec),
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
