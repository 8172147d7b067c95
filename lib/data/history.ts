import { datasetHistorySchema, type DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

function historyKey(name: string): string {
  return `datasets/${name}/history.json`;
}

/** A dataset's versions, oldest first; none where there is no such dataset. */
export async function readHistory(store: Store, name: string): Promise<readonly DatasetVersionEntry[]> {
  const key = historyKey(name);
  const found = await store.readVersioned(key);
  return found ? parseDocument(found.bytes, datasetHistorySchema, key).versions : [];
}

/**
 * Notes a version as a dataset's newest. The same as the newest of before is not noted again, so that
 * ingesting twice makes nothing new; an older one that comes back is.
 *
 * @param after - the newest version when `entry` was begun, undefined where there was none: what was made of an older reading, of the
 *   source or of the reviewed labels, must not hide what has come since
 * @returns false where another version is the newest by now, and nothing was noted
 */
export async function recordVersion(
  store: Store,
  name: string,
  after: string | undefined,
  entry: DatasetVersionEntry,
): Promise<boolean> {
  const key = historyKey(name);
  for (;;) {
    const found = await store.readVersioned(key);
    const versions = found ? parseDocument(found.bytes, datasetHistorySchema, key).versions : [];
    const newest = versions.at(-1)?.version;
    if (newest === entry.version) return true;
    if (newest !== after) return false;
    const next = Buffer.from(canonicalJson({ versions: [...versions, entry] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return true;
  }
}

/** Notes versions as older than all that are noted; those that are noted already stay where they are. */
export async function recordEarlierVersions(
  store: Store,
  name: string,
  entries: readonly DatasetVersionEntry[],
): Promise<void> {
  const key = historyKey(name);
  for (;;) {
    const found = await store.readVersioned(key);
    const versions = found ? parseDocument(found.bytes, datasetHistorySchema, key).versions : [];
    const known = new Set(versions.map(({ version }) => version));
    const earlier = entries.filter(({ version }) => !known.has(version));
    if (earlier.length === 0) return;
    const next = Buffer.from(canonicalJson({ versions: [...earlier, ...versions] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return;
  }
}

/** The version before one that is, or is about to be, the newest; undefined where there is none. */
export async function versionBefore(
  store: Store,
  name: string,
  version: string,
): Promise<DatasetVersionEntry | undefined> {
  const versions = await readHistory(store, name);
  return versions.at(-1)?.version === version ? versions.at(-2) : versions.at(-1);
}

/** The names of all datasets that have a history, sorted. */
export async function listDatasets(store: Store): Promise<string[]> {
  const names = new Set<string>();
  for await (const key of store.list('datasets/')) {
    const name = /^datasets\/([^/]+)\/history\.json$/.exec(key)?.[1];
    if (name !== undefined) names.add(name);
  }
  return [...names].sort();
}
