import { Failure } from '../../../contracts/failures';
import { monitorIds } from '../../../contracts/monitor';
import type { Console } from '../../display/console';
import { addresses, type Outside } from '../../settings';
import { connect, withClient } from '../../temporal/connect';
import { changeMonitor, putMonitor } from '../../temporal/monitor-schedules';
import type { Rhythm } from '../../temporal/put-schedule';
import { type MonitorFlags, openMonitored, readMonitor } from './place';

export interface ScheduleFlags extends MonitorFlags {
  readonly every?: string;
  readonly cron?: string;
}

/**
 * Has looks made on a Temporal Schedule, in place of one that is there; without a rhythm, every so often as the configuration says.
 *
 * @throws Failure as `readMonitor`; `start-refused` for a rhythm that is none; `temporal-unavailable`
 */
export async function scheduleMonitor(
  words: readonly string[],
  flags: ScheduleFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { settings, model, input, config } = await readMonitor(words, flags, outside);
  const rhythm = rhythmOf(flags) ?? { every: config.every };
  const done = await withClient(await connect(settings), (client) =>
    putMonitor(client, model, input, rhythm),
  );
  const schedule = monitorIds.schedule(model);
  if (flags.json === true) {
    out.say(JSON.stringify({ model, schedule, done, ...rhythm, window: config.window }, null, 2));
    return;
  }
  const when = 'cron' in rhythm ? `by cron ${rhythm.cron} (UTC)` : `every ${rhythm.every}`;
  out.say(
    `${done === 'made' ? 'Looking' : 'Still looking, changed:'} at ${model} ${when}, each time at the last ${config.window}.`,
  );
  out.say(`Where drift is found: ${policies[config.on_breach]}.`);
  const { ui } = addresses(settings);
  if (ui !== undefined) {
    out.say(out.colours.dim(`${ui}/namespaces/${settings.temporal.namespace}/schedules/${schedule}`));
  }
}

const policies = {
  alert: 'webhooks and Prometheus are told',
  ask: 'a person decides whether a pipeline is started',
  pipeline: 'a pipeline is started',
} as const;

function rhythmOf({ every, cron }: ScheduleFlags): Rhythm | undefined {
  if (every !== undefined && cron !== undefined) {
    throw new Failure('start-refused', 'Give --every or --cron, not both.');
  }
  if (every !== undefined) return { every };
  return cron === undefined ? undefined : { cron };
}

const said = {
  pause: 'is no longer looked at, until: npx drover monitor resume',
  resume: 'is looked at again',
  unschedule: 'is no longer looked at on a schedule; looks that were made stay',
} as const;

/** @throws Failure `not-found` where that model is on no schedule; `temporal-unavailable` */
export async function changeSchedule(
  change: 'pause' | 'resume' | 'unschedule',
  flags: MonitorFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { settings, model } = await openMonitored(flags, outside);
  await withClient(await connect(settings), (client) => changeMonitor(client, model, change));
  out.say(flags.json === true ? JSON.stringify({ model, done: change }) : `${model} ${said[change]}.`);
}
