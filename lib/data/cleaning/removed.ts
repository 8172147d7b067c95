import { z } from 'zod';
import { digestOf, parseDocument, putJson } from '../../storage/refs';
import type { Store } from '../../storage/store';
import { keysUnder } from '../lineage';
import type { Cleaning } from './plan';

/**
 * Manifests and prepared sets that cleanings have removed. Documents that stay go on naming them: a prepared set that a run was trained
 * on names its manifest, an evaluation its prepared set. By this record what was removed on purpose is told from what was lost.
 */
const recordsFolder = 'cleanings/';

const recordSchema = z.strictObject({ at: z.iso.datetime(), removed: z.array(z.string()) });

const isNamed = /^(datasets\/.*\/manifest\.jsonl|prepared\/.*\/index\.json)$/;

/** Notes what is about to be removed; the same once more, where a cleaning was killed before it removed anything. */
export async function recordRemoved(
  store: Store,
  { versions, preparedSets }: Pick<Cleaning, 'versions' | 'preparedSets'>,
  now: Date,
): Promise<void> {
  const removed = [...versions, ...preparedSets].map(({ key }) => key).filter((key) => isNamed.test(key));
  if (removed.length === 0) return;
  await putJson(store, `${recordsFolder}${digestOf(removed.sort())}.json`, {
    at: now.toISOString(),
    removed,
  });
}

/** Keys that cleanings have removed, ever; some may be there again. A record that cannot be read says nothing. */
export async function readRemoved(store: Store): Promise<ReadonlySet<string>> {
  const removed = new Set<string>();
  for (const key of await keysUnder(store, recordsFolder, /\.json$/)) {
    const bytes = await store.read(key);
    try {
      for (const one of parseDocument(bytes, recordSchema, key).removed) removed.add(one);
    } catch {
      // What it named is missing, then; and it is told of itself where it is cut off.
    }
  }
  return removed;
}
