import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { WatchInput } from '../../contracts/inputs';
import { queues, watchId } from '../../contracts/names';

/** When a watch looks: every so often, or by a cron line in UTC. */
export type Rhythm = { readonly every: string } | { readonly cron: string };

/** A watch as Temporal has it. */
export interface Watch {
  readonly name: string;
  readonly paused: boolean;
  readonly next: Date | undefined;
  readonly last: Date | undefined;
  readonly rhythm: string;
}

/** A look that was missed for longer than this, while the server was away, is not made up for: the next one sees the same. */
const catchupWindow = '10 minutes';

/**
 * Puts a watch of a dataset's source on a schedule, in place of one that is there. Looks never overlap: one
 * that is due while another still goes on is left out.
 */
export async function putWatch(
  client: Client,
  name: string,
  input: WatchInput,
  rhythm: Rhythm,
): Promise<'made' | 'changed'> {
  const spec: ScheduleOptions['spec'] =
    'cron' in rhythm
      ? { cronExpressions: [rhythm.cron] }
      : { intervals: [{ every: interval(rhythm.every) }] };
  const options = {
    scheduleId: watchId(name),
    spec,
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'watchData',
      workflowId: watchId(name),
      taskQueue: queues.ml,
      args: [input],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    state: { note: `Looks whether the source of ${name} has changed` },
  };
  try {
    await client.schedule.create(options);
    return 'made';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(watchId(name)).update((before) => ({
      ...options,
      state: { ...options.state, paused: before.state.paused },
    }));
    return 'changed';
  }
}

/**
 * Temporal's client takes milliseconds, and words of the `ms` package.
 *
 * @throws Failure `start-refused` where it is no time
 */
export function interval(every: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/.exec(every.trim()) ?? [];
  const milliseconds = Number(number) * ({ s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit] ?? Number.NaN);
  if (milliseconds >= 1000) return milliseconds;
  throw new Failure(
    'start-refused',
    '--every takes a number of seconds, minutes, hours or days, at least 1s: 30s, 10m, 2h, 1d.',
  );
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
    const every = spec?.intervals?.map((one) => `every ${seconds(one.every)}`) ?? [];
    watches.push({
      name: scheduleId.slice(watchId('').length),
      paused: state.paused,
      next: info.nextActionTimes[0],
      last: info.recentActions.at(-1)?.takenAt,
      rhythm: every.length > 0 ? every.join(', ') : 'by cron',
    });
  }
  return watches.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `600000` → `10m`. */
export function seconds(milliseconds: number): string {
  const units = [
    ['d', 864e5],
    ['h', 36e5],
    ['m', 6e4],
  ] as const;
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0) ?? ['s', 1e3];
  return `${milliseconds / size}${unit}`;
}
