import { datasetHistorySchema } from '../../../contracts/schemas/dataset';
import { canonicalJson } from '../../storage/canonical-json';
import { parseDocument, putJson, putRef } from '../../storage/refs';
import type { SizedKey, Store } from '../../storage/store';
import { eachConcurrently } from '../concurrently';
import type { Cleaning, ShorterListing } from './plan';

const removalsAtOnce = 16;

/** What a cleaning removes, in its order: a list is begun when the one before it has gone. */
function removals(cleaning: Cleaning): (readonly SizedKey[])[] {
  return [
    cleaning.memos,
    // The index or manifest first, by itself: from then on nobody takes what is left for whole.
    ...inTwo(cleaning.preparedSets, '/index.json'),
    ...inTwo(cleaning.versions, '/manifest.jsonl'),
    cleaning.pointers,
    [...cleaning.listings, ...cleaning.examinations],
    // A part tells where its pictures lie in its shard.
    cleaning.parts,
    cleaning.shards,
    cleaning.pictures,
  ];
}

function inTwo(objects: readonly SizedKey[], name: string): SizedKey[][] {
  return [objects.filter(({ key }) => key.endsWith(name)), objects.filter(({ key }) => !key.endsWith(name))];
}

/**
 * Removes what was planned. Stopped at any moment, what is left is whole, and planning again finds the rest.
 *
 * @throws what the store throws; the signal's reason
 */
export async function sweep(
  store: Store,
  cleaning: Cleaning,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const lists = removals(cleaning);
  const [memos = [], ...rest] = lists;
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  const remove = (objects: readonly SizedKey[]): Promise<void> =>
    eachConcurrently(
      objects,
      removalsAtOnce,
      async ({ key }) => {
        await store.remove(key);
        done += 1;
        onProgress?.(done, total);
      },
      signal,
    );

  await remove(memos);
  for (const [name, versions] of cleaning.histories) await shortenHistory(store, name, versions);
  for (const listing of cleaning.shorterListings) await shorten(store, listing);
  for (const objects of rest) await remove(objects);
}

async function shortenHistory(store: Store, name: string, gone: ReadonlySet<string>): Promise<void> {
  const key = `datasets/${name}/history.json`;
  for (;;) {
    const found = await store.readVersioned(key);
    if (found === undefined) return;
    const { versions } = parseDocument(found.bytes, datasetHistorySchema, key);
    const next = Buffer.from(
      canonicalJson({ versions: versions.filter(({ version }) => !gone.has(version)) }),
    );
    if (await store.compareAndSwap(key, next, found.generation)) return;
  }
}

/** Writes the listing under a name of its own before the pointer names it: the old one is removed afterwards. */
async function shorten(store: Store, { pointer, to, lines }: ShorterListing): Promise<void> {
  await putJson(store, pointer, await putRef(store, to, lines));
}
