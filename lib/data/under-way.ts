import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

/**
 * Work that puts things into the store before anything names them, and the cleaning that removes what nothing
 * names, keep out of each other's way: each says first that it is there, and then looks whether the other is. So
 * one of the two always sees the other, and nobody waits for a process that was killed longer than a time limit.
 */
const workFolder = 'under-way/work/';
const cleaningFolder = 'under-way/cleaning/';

const markSchema = z.strictObject({ at: z.iso.datetime() });

/** Longer than any ingest or preparation goes on without a sign of life in its history. */
const workLimitMs = 7 * 24 * 60 * 60 * 1000;
const cleaningLimitMs = 60 * 60 * 1000;

async function isFresh(store: Store, key: string, limitMs: number): Promise<boolean> {
  const found = await store.readVersioned(key);
  if (found === undefined) return false;
  return Date.now() - Date.parse(parseDocument(found.bytes, markSchema, key).at) < limitMs;
}

async function isBeingCleaned(store: Store): Promise<boolean> {
  for await (const key of store.list(cleaningFolder)) {
    if (await isFresh(store, key, cleaningLimitMs)) return true;
  }
  return false;
}

function mark(): Buffer {
  return Buffer.from(canonicalJson({ at: new Date().toISOString() }));
}

/**
 * Says that work begins whose results nothing names yet.
 *
 * @param id - of the work, the same when it is tried again, and no other's: whoever ends first ends it
 * @throws Failure `storage-unavailable` while the store is being cleaned: to be tried again
 */
export async function beginWork(store: Store, id: string): Promise<void> {
  await store.write(`${workFolder}${id}.json`, mark());
  if (!(await isBeingCleaned(store))) return;
  await endWork(store, id);
  throw new Failure('storage-unavailable', 'The store is being cleaned just now; this is tried again soon.');
}

/** @throws what `work` throws; Failure as {@link beginWork} */
export async function duringWork<T>(store: Store, id: string, work: () => Promise<T>): Promise<T> {
  await beginWork(store, id);
  try {
    return await work();
  } finally {
    await endWork(store, id);
  }
}

export async function endWork(store: Store, id: string): Promise<void> {
  await store.remove(`${workFolder}${id}.json`);
}

/**
 * Does the cleaning, while nothing else may begin.
 *
 * @param options.ignoreWork - where a person knows that what was announced will never end
 * @throws Failure `start-refused` where work is under way, or another cleaning is
 */
export async function whileCleaning<T>(
  store: Store,
  clean: () => Promise<T>,
  { ignoreWork = false }: { readonly ignoreWork?: boolean } = {},
): Promise<T> {
  // Each cleaning has a mark of its own: of two that begin at once neither takes the other's for its own, or away.
  const own = `${cleaningFolder}${randomUUID()}.json`;
  await store.write(own, mark());
  try {
    for await (const key of store.list(cleaningFolder)) {
      if (key === own) continue;
      if (await isFresh(store, key, cleaningLimitMs)) {
        throw new Failure(
          'start-refused',
          'The store is being cleaned already. Wait until that has ended; of two that began at once, both stopped.',
        );
      }
      await store.remove(key);
    }
    for await (const key of store.list(workFolder)) {
      if (!ignoreWork && (await isFresh(store, key, workLimitMs))) {
        throw new Failure(
          'start-refused',
          'An ingest or a preparation is under way, and what it has put into the store is not named yet. Clean again ' +
            'when it has ended (npx drover status). Where nothing runs, one was killed or terminated: --ignore-work',
        );
      }
      await store.remove(key);
    }
    return await clean();
  } finally {
    await store.remove(own);
  }
}
