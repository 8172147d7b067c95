import type { Store } from '../storage/store';
import { dayMs, dayOf, predictionsPrefix, readBatchKey } from './keys';

/** Before this there was no Drover that kept anything. */
const firstYear = 2024;

/**
 * Prefixes of keys that together hold every day before `day`, and none after: whole years, the months of its year, the days of its
 * month. As what is old is removed every hour, nearly all of them are empty, and to ask for them costs less than to list what is kept.
 *
 * @param day - `2026-11-25`
 */
export function prefixesBefore(day: string): string[] {
  const [year = '', month = '', date = ''] = day.split('-');
  const two = (number: number) => String(number).padStart(2, '0');
  const upTo = (end: number, start = 1) =>
    Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
  return [
    ...upTo(Number(year), firstYear).map((earlier) => `${earlier}-`),
    ...upTo(Number(month)).map((earlier) => `${year}-${two(earlier)}-`),
    ...upTo(Number(date)).map((earlier) => `${year}-${month}-${two(earlier)}/`),
  ].map((prefix) => predictionsPrefix + prefix);
}

export interface Pruned {
  /** The days that went, the oldest first: `2026-10-01`. */
  readonly days: readonly string[];
  readonly objects: number;
}

/**
 * Removes whole days (UTC) of kept predictions that ended more than `days` days ago.
 *
 * @param dryRun - only says what it would remove.
 * @throws Failure `storage-unavailable`
 */
export async function prunePredictions(
  store: Store,
  { days, now, dryRun = false }: { readonly days: number; readonly now: number; readonly dryRun?: boolean },
): Promise<Pruned> {
  const gone = new Set<string>();
  let objects = 0;
  for (const prefix of prefixesBefore(dayOf(now - days * dayMs))) {
    for await (const key of store.list(prefix)) {
      const batch = readBatchKey(key);
      // Whatever else somebody has put there is not for this to remove.
      if (batch === undefined) continue;
      if (!dryRun) await store.remove(key);
      gone.add(batch.day);
      objects += 1;
    }
  }
  return { days: [...gone].sort(), objects };
}
