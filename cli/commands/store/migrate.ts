import { openStore } from '../../../lib/storage/open-store';
import { migrateStore, type MigrationReport } from '../../../lib/upkeep/migrate';
import type { Console } from '../../display/console';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';
import { requireStopped } from '../stop';

export interface MigrateFlags extends SettingFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Brings the store to this version's format; says what it did, or would do. */
export async function migrate(flags: MigrateFlags, outside: Outside, out: Console): Promise<void> {
  const settings = settingsOf(flags, outside);
  const dryRun = flags.dryRun === true;
  if (!dryRun) await requireStopped(settings.home);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const report = await migrateStore(store, {
    dryRun,
    ...(flags.json === true ? {} : { onStep: (what) => out.say(`  ${what}`) }),
  });
  if (flags.json === true) out.say(JSON.stringify({ store: store.location, ...report }, null, 2));
  else out.say(outcome(report, store.location));
}

function outcome({ from, to, steps, dryRun }: MigrationReport, store: string): string {
  if (from === undefined) return `The store ${store} is empty: there is nothing to bring up.`;
  if (from === to) return `The store ${store} has format ${to}, which is this version's.`;
  const done = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return dryRun
    ? `From format ${from} to ${to}: ${done}. Nothing was changed yet; leave out --dry-run to do it.`
    : `The store ${store} has format ${to} now: ${done}.`;
}
