import { Failure } from '../../contracts/failures';
import { storeFormatSchema } from '../../contracts/schemas/store-format';
import { canonicalJson } from './canonical-json';
import { parseDocument } from './refs';
import type { Store } from './store';

/** What this version of Drover writes. A change of layout that earlier versions cannot read counts it up. */
export const storeFormat = 1;

export const storeFormatKey = 'store.json';

/**
 * The format that a store has: 0 where it holds something and no record, as version 0.1.0 left it; undefined where it is empty.
 *
 * @throws Error where the record cannot be read
 */
export async function readFormat(store: Store): Promise<number | undefined> {
  const recorded = await readRecord(store);
  if (recorded !== undefined) return recorded;
  for await (const key of store.list('')) {
    // Another process may have put its record there since.
    return key === storeFormatKey ? readRecord(store) : ((await readRecord(store)) ?? 0);
  }
  return undefined;
}

async function readRecord(store: Store): Promise<number | undefined> {
  const found = await store.readVersioned(storeFormatKey);
  return found && parseDocument(found.bytes, storeFormatSchema, storeFormatKey).format;
}

/** Writes down that a store has this version's format, in place of what was said before. */
export async function recordFormat(store: Store, now: Date): Promise<void> {
  await store.write(storeFormatKey, encoded(now));
}

/**
 * The same store, which is looked at before it is first used, and gets its record before it is first written to.
 * A store of an earlier format is read as it is (`drover store migrate` brings it up).
 *
 * What it does throws Failure `store-too-new` where a later version of Drover has laid it out.
 */
export function withFormat(store: Store, now: () => Date = () => new Date()): Store {
  let looked: Promise<void> | undefined;
  let marked: Promise<void> | undefined;

  const look = (): Promise<void> => {
    looked ??= readRecord(store)
      .then((format) => requireReadable(store, format))
      .catch((error: unknown) => {
        // It may be away for a moment; the next use looks again.
        looked = undefined;
        throw error;
      });
    return looked;
  };
  const mark = (): Promise<void> => {
    marked ??= look()
      .then(async () => {
        if ((await readFormat(store)) === undefined) await store.create(storeFormatKey, encoded(now()));
      })
      .catch((error: unknown) => {
        marked = undefined;
        throw error;
      });
    return marked;
  };

  return {
    location: store.location,
    read: (key) => look().then(() => store.read(key)),
    readVersioned: (key) => look().then(() => store.readVersioned(key)),
    exists: (key) => look().then(() => store.exists(key)),
    size: (key) => look().then(() => store.size(key)),
    write: (key, bytes) => mark().then(() => store.write(key, bytes)),
    create: (key, bytes) => mark().then(() => store.create(key, bytes)),
    compareAndSwap: (key, bytes, expected) => mark().then(() => store.compareAndSwap(key, bytes, expected)),
    async *list(prefix) {
      await look();
      yield* store.list(prefix);
    },
    async *listSizes(prefix) {
      await look();
      yield* store.listSizes(prefix);
    },
    remove: (key) => look().then(() => store.remove(key)),
  };
}

function requireReadable(store: Store, format: number | undefined): void {
  if (format === undefined || format <= storeFormat) return;
  throw new Failure(
    'store-too-new',
    `The store ${store.location} has format ${format}, and this version of Drover knows formats up to ${storeFormat}: a later ` +
      'version has written to it. Use that version or a newer one; or bring back a backup from before (docs/guides/backup.md).',
  );
}

function encoded(at: Date): Buffer {
  return Buffer.from(canonicalJson({ format: storeFormat, at: at.toISOString() }));
}
