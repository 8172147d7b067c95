import { sweepHeadSchema } from '../../contracts/schemas/sweep-record';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { folderOf, recordedSweeps } from './sweep-records';

/** The id of the recorded sweep that was begun last; undefined where there is no record. */
export async function latestSweep(store: Store): Promise<string | undefined> {
  let latest: { readonly sweep: string; readonly began: number } | undefined;
  for await (const sweep of recordedSweeps(store)) {
    const key = `${folderOf(sweep)}/sweep.json`;
    const found = await store.readVersioned(key);
    // It may have been removed since it was listed.
    if (found === undefined) continue;
    const { began } = parseDocument(found.bytes, sweepHeadSchema, key);
    if (latest === undefined || began > latest.began) latest = { sweep, began };
  }
  return latest?.sweep;
}
