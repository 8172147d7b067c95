import { Failure } from '../../../contracts/failures';
import { dayMs } from '../../../lib/predictions/keys';
import { prunePredictions } from '../../../lib/predictions/retention';
import type { Console } from '../../display/console';
import { counted } from '../../display/dataset';
import type { Outside, SettingFlags } from '../../settings';
import { openPredictions, spanOf } from './place';

export interface PruneFlags extends SettingFlags {
  readonly olderThan: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Removes kept predictions of whole days that ended longer ago than was said. */
export async function prune(flags: PruneFlags, outside: Outside, out: Console): Promise<void> {
  const span = spanOf(flags.olderThan);
  if (span === undefined) {
    throw new Failure('start-refused', '--older-than takes a time such as 30d or 36h.');
  }
  const store = openPredictions(flags, outside);
  const dryRun = flags.dryRun === true;
  const { days, objects } = await prunePredictions(store, { days: span / dayMs, now: Date.now(), dryRun });
  if (flags.json === true) {
    out.say(JSON.stringify({ removed: !dryRun, days, objects }, null, 2));
    return;
  }
  if (objects === 0) {
    out.say(`No day of kept predictions in ${store.location} ended longer than ${flags.olderThan} ago.`);
    return;
  }
  const which = days.length === 1 ? (days[0] ?? '') : `${days[0] ?? ''} to ${days.at(-1) ?? ''}`;
  out.say(
    `${dryRun ? 'Would remove' : 'Removed'} ${counted(days.length, 'day')} (${which}), ${counted(objects, 'object')}.`,
  );
  if (dryRun) out.say('Nothing was removed. Without --dry-run it is.');
}
