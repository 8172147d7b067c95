import { datasetHistorySchema, type DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

/**
 * Notes a version as a dataset's newest where the one that it was made of still is that. An ingest that came between has read the source
 * since, and what was made of an older reading must not hide it.
 *
 * @param base - the version that `entry` was made of
 * @returns false where another version is the newest by now, and nothing was noted
 */
export async function recordFollower(
  store: Store,
  name: string,
  base: string,
  entry: DatasetVersionEntry,
): Promise<boolean> {
  const key = `datasets/${name}/history.json`;
  for (;;) {
    const found = await store.readVersioned(key);
    const versions = found ? parseDocument(found.bytes, datasetHistorySchema, key).versions : [];
    const newest = versions.at(-1)?.version;
    if (newest === entry.version) return true;
    if (newest !== base) return false;
    const next = Buffer.from(canonicalJson({ versions: [...versions, entry] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return true;
  }
}
