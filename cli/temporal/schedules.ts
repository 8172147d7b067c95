import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { WatchInput } from '../../contracts/inputs';
import { watchId } from '../../contracts/names';
import { putSchedule, type Rhythm, rhythmOf } from './put-schedule';

/** A watch as Temporal has it. */
export interface Watch {
  readonly name: string;
  readonly paused: boolean;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
  readonly rhythm: string;
}

/** Puts a watch of a dataset's source on a schedule, in place of one that is there. */
export function putWatch(
  client: Client,
  name: string,
  input: WatchInput,
  rhythm: Rhythm,
): Promise<'made' | 'changed'> {
  return putSchedule(client, {
    ...{ scheduleId: watchId(name), workflowId: watchId(name), workflowType: 'watchData' },
    ...{ rhythm, input, note: `Looks whether the source of ${name} has changed` },
  });
}

/**
 * @param change - `now` looks at once, after the look that goes on, if one does
 * @throws Failure `not-found` where nothing watches that dataset
 */
export async function changeWatch(
  client: Client,
  name: string,
  change: 'now' | 'pause' | 'resume' | 'remove',
): Promise<void> {
  const handle = client.schedule.getHandle(watchId(name));
  try {
    if (change === 'now') await handle.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    else if (change === 'pause') await handle.pause('paused by drover data watch --pause');
    else if (change === 'resume') await handle.unpause('resumed by drover data watch --resume');
    else await handle.delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new Failure(
      'not-found',
      `Nothing watches the source of ${name}. Begin with: npx drover data watch --every 10m`,
      { cause: error },
    );
  }
}

export async function listWatches(client: Client): Promise<Watch[]> {
  const watches: Watch[] = [];
  for await (const schedule of client.schedule.list()) {
    const { scheduleId, state, info, spec } = schedule;
    if (!scheduleId.startsWith(watchId(''))) continue;
    watches.push({
      name: scheduleId.slice(watchId('').length),
      paused: state.paused,
      next: info.nextActionTimes[0],
      last: info.recentActions.at(-1)?.takenAt,
      rhythm: rhythmOf(spec),
    });
  }
  return watches.sort((a, b) => (a.name < b.name ? -1 : 1));
}
