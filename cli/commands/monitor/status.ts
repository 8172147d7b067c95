import { latestLook, standingFollowUp } from '../../../lib/monitor/records';
import type { Console } from '../../display/console';
import { lookLines, stateLine } from '../../display/monitor';
import type { Outside } from '../../settings';
import { connect, withClient } from '../../temporal/connect';
import { findMonitor, type MonitorSchedule } from '../../temporal/monitor-schedules';
import { placeOf } from '../data/place';
import { type MonitorFlags, openMonitored } from './place';

/**
 * When a model is looked at, what the last look found, and what followed it.
 *
 * @throws Failure `storage-unavailable`; a Temporal server that is away is said
 */
export async function monitorStatus(flags: MonitorFlags, outside: Outside, out: Console): Promise<void> {
  const { settings, store, model } = await openMonitored(flags, outside);
  const client = await connect(settings, 3000).catch(() => undefined);
  const schedule = client && (await withClient(client, (connected) => findMonitor(connected, model)));
  const look = await latestLook(store, model);
  const followUp = look && (await standingFollowUp(store, look));
  if (flags.json === true) {
    out.say(
      JSON.stringify(
        { model, schedule: schedule ?? null, look: look ?? null, followUp: followUp ?? null },
        null,
        2,
      ),
    );
    return;
  }
  out.say(
    client === undefined
      ? 'The Temporal server does not answer, so its schedules are not known.'
      : scheduleLine(model, schedule),
  );
  if (look === undefined) {
    out.say(`Nobody has looked at ${model} yet. Look now: npx drover monitor run`);
    return;
  }
  for (const line of lookLines(look, out.colours)) out.say(line);
  if (followUp) for (const line of stateLine(followUp, out.colours)) out.say(line);
  out.say(`report      ${placeOf(store, look.report)}`);
}

function scheduleLine(model: string, schedule: MonitorSchedule | undefined): string {
  if (schedule === undefined) {
    return `${model} is on no schedule. Begin with: npx drover monitor schedule`;
  }
  const { rhythm, paused, next, last } = schedule;
  const time = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (paused) return `${model} is paused (${rhythm}). Go on with: npx drover monitor resume`;
  return `${model} is looked at ${rhythm}${last ? `, last ${time(last)}` : ''}${next ? `, next ${time(next)}` : ''}.`;
}
