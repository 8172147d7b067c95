import { Failure } from '../../../contracts/failures';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface PredictionFlags extends SettingFlags {
  readonly since?: string;
  readonly json?: boolean;
}

/** The store that the API ships to. */
export function openPredictions(flags: SettingFlags, outside: Outside): Store {
  const settings = settingsOf(flags, outside);
  return openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `30m`, `12h` or `7d`; undefined for anything else. */
export function spanOf(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,5})([smhd])$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * (units[unit] ?? 0);
}

/**
 * Milliseconds since 1970 of `7d` ago, `2026-11-25` or `2026-11-25T14:30Z`; undefined where nothing was said.
 *
 * @throws Failure `start-refused`
 */
export function sinceOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const span = spanOf(text);
  if (span !== undefined) return now - span;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return at;
  throw new Failure(
    'start-refused',
    '--since takes a time ago, such as 30m, 12h or 7d, or a date such as 2026-11-25.',
  );
}
