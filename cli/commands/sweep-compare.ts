import { compareSweeps } from '../../lib/sweeps/compare-sweeps';
import { picturesOf } from '../../lib/sweeps/pictures-of';
import { openStore } from '../../lib/storage/open-store';
import type { Console } from '../display/console';
import { comparisonLines } from '../display/sweep-comparison';
import { findSweepRecord } from '../find-sweep-record';
import { type Outside, type SettingFlags, settingsOf } from '../settings';

/**
 * Shows two sweeps side by side.
 *
 * @throws Failure as `findSweepRecord`; `request-invalid` where their metrics or goals differ
 */
export async function compareTwoSweeps(
  ids: readonly [string, string],
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const [one, other] = await Promise.all([
    findSweepRecord(ids[0], settings, store),
    findSweepRecord(ids[1], settings, store),
  ]);
  const comparison = compareSweeps(one, other, [
    await picturesOf(store, one.prepared),
    await picturesOf(store, other.prepared),
  ]);
  if (flags.json === true) {
    out.say(JSON.stringify(comparison, null, 2));
    return;
  }
  for (const line of comparisonLines(comparison, out.colours)) out.say(line);
}
