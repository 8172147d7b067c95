import type { Store } from '../storage/store';
import { folderOf } from './sweep-records';

/** Where a sweep's report lies, beside its record. */
export function sweepReportKey(sweep: string): string {
  return `${folderOf(sweep)}/report.html`;
}

/** From {@link sweepReportKey} to the root of the store, for the links of a report that lies there. */
export const storeFromReport = '../../';

/**
 * Writes a sweep's report, in place of what was there.
 *
 * @returns its key
 */
export async function writeSweepReport(store: Store, sweep: string, page: string): Promise<string> {
  const key = sweepReportKey(sweep);
  await store.write(key, Buffer.from(page));
  return key;
}
