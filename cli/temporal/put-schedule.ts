import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';

/** When something is looked at: every so often, or by a cron line in UTC. */
export type Rhythm = { readonly every: string } | { readonly cron: string };

export interface WantedSchedule {
  readonly scheduleId: string;
  readonly rhythm: Rhythm;
  readonly workflowType: string;
  readonly workflowId: string;
  readonly input: unknown;
  /** For people, in Temporal's UI. */
  readonly note: string;
}

/** A look that was missed for longer than this, while the server was away, is not made up for: the next one sees the same. */
const catchupWindow = '10 minutes';

/**
 * Puts looks on a schedule, in place of one that is there, which stays paused if it was. They never overlap: one that is due while
 * another still goes on is left out.
 *
 * @throws Failure `start-refused` for a rhythm that is none
 */
export async function putSchedule(client: Client, wanted: WantedSchedule): Promise<'made' | 'changed'> {
  const { scheduleId, rhythm, workflowType, workflowId, input, note } = wanted;
  const spec: ScheduleOptions['spec'] =
    'cron' in rhythm
      ? { cronExpressions: [rhythm.cron] }
      : { intervals: [{ every: interval(rhythm.every) }] };
  const options = {
    scheduleId,
    spec,
    action: {
      type: 'startWorkflow' as const,
      ...{ workflowType, workflowId, taskQueue: queues.ml, args: [input] },
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    state: { note },
  };
  try {
    await client.schedule.create(options);
    return 'made';
  } catch (error) {
    // What the client makes of a spec that the server refuses; which it looks at before whether there is one.
    if (error instanceof TypeError && 'cron' in rhythm) throw noCron(error);
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((before) => ({
      ...options,
      state: { ...options.state, paused: before.state.paused },
    }));
    return 'changed';
  }
}

/** For people: `every 10m`, or that it goes by a cron line. */
export function rhythmOf(
  spec: { readonly intervals?: readonly { readonly every: number }[] } | undefined,
): string {
  const every = spec?.intervals?.map((one) => `every ${spanOf(one.every)}`) ?? [];
  return every.length > 0 ? every.join(', ') : 'by cron';
}

/** Temporal's client takes milliseconds, and words of the `ms` package. */
function interval(every: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(s|m|h|d)$/.exec(every.trim()) ?? [];
  const milliseconds = Number(number) * ({ s: 1e3, m: 6e4, h: 36e5, d: 864e5 }[unit] ?? Number.NaN);
  if (milliseconds >= 1000) return milliseconds;
  throw new Failure(
    'start-refused',
    '--every takes a number of seconds, minutes, hours or days, at least 1s: 30s, 10m, 2h, 1d.',
  );
}

function noCron(cause: TypeError): Failure {
  return new Failure(
    'start-refused',
    `--cron takes a line of minute, hour, day, month and weekday in UTC, such as "0 6 * * *". Temporal says: ${cause.message}.`,
    { cause },
  );
}

/** `600000` → `10m`. */
function spanOf(milliseconds: number): string {
  const units = [
    ['d', 864e5],
    ['h', 36e5],
    ['m', 6e4],
  ] as const;
  const [unit, size] = units.find(([, length]) => milliseconds % length === 0) ?? ['s', 1e3];
  return `${milliseconds / size}${unit}`;
}
