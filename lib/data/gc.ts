import type { Store } from '../storage/store';
import { markKept, type Keeping } from './cleaning/keep';
import { planCleaning, type Cleaning } from './cleaning/plan';
import { sweep } from './cleaning/sweep';
import { mapConcurrently } from './concurrently';
import { whileCleaning } from './under-way';

/** Well below the hour after which a cleaning is taken for dead, and work would begin beside it. */
const longestMs = 45 * 60 * 1000;

const asksAtOnce = 16;

/** Kinds of objects, as people tell them apart. */
export const garbageKinds = ['pictures', 'prepared', 'versions', 'sources', 'memos'] as const;
export type GarbageKind = (typeof garbageKinds)[number];

/** What a cleaning removes, or would. */
export interface Garbage {
  /** Versions that leave their dataset's history. */
  readonly versions: readonly {
    readonly name: string;
    readonly version: string;
    readonly pictures: number;
  }[];
  /** Objects in the store, and their bytes. */
  readonly kinds: Readonly<Record<GarbageKind, { readonly objects: number; readonly bytes: number }>>;
  readonly objects: number;
  readonly bytes: number;
}

type Wish = Omit<Keeping, 'models'> & {
  /** Asked when nothing new can come to stand on what goes. */
  readonly models: () => Promise<Keeping['models']>;
  /** Whether what was announced as under way is known to be dead. */
  readonly ignoreWork?: boolean;
};

/**
 * What nothing needs any more, and how large it is; removes nothing. Asked while an ingest is under way, it
 * counts what that has put into the store already, which would not go.
 *
 * @throws as {@link removeGarbage}
 */
export async function findGarbage(store: Store, wish: Wish): Promise<Garbage> {
  return (await look(store, wish)).garbage;
}

/**
 * Removes what nothing needs any more: older versions where that is asked for, pictures that no version holds,
 * prepared sets that nothing names. Killed at any moment, the next one goes on.
 *
 * @returns what it removed; `whole` is false where there was more than one cleaning may take, and another is due
 * @throws Failure `start-refused` where an ingest, a preparation or another cleaning is under way;
 *   `digest-mismatch`, Error: what says which pictures are needed cannot be read, so nothing was removed; the
 *   signal's reason
 */
export async function removeGarbage(
  store: Store,
  wish: Wish,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Garbage & { readonly whole: boolean }> {
  const clean = async (): Promise<Garbage & { readonly whole: boolean }> => {
    const late = AbortSignal.timeout(longestMs);
    const { cleaning, garbage } = await look(store, wish);
    try {
      await sweep(store, cleaning, onProgress, signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (!late.aborted || signal?.aborted === true) throw error;
      return { ...garbage, whole: false };
    }
    return { ...garbage, whole: true };
  };
  return whileCleaning(store, clean, { ignoreWork: wish.ignoreWork === true });
}

async function look(store: Store, wish: Wish): Promise<{ cleaning: Cleaning; garbage: Garbage }> {
  const kept = await markKept(store, { ...wish, models: await wish.models() });
  const cleaning = await planCleaning(store, kept);
  const keys: Readonly<Record<GarbageKind, readonly string[]>> = {
    pictures: cleaning.pictures,
    prepared: [...cleaning.preparedSets, ...cleaning.parts, ...cleaning.shards],
    versions: cleaning.versions,
    sources: [...cleaning.pointers, ...cleaning.listings, ...cleaning.examinations],
    memos: cleaning.memos,
  };
  const kinds = {
    pictures: await measure(store, keys.pictures),
    prepared: await measure(store, keys.prepared),
    versions: await measure(store, keys.versions),
    sources: await measure(store, keys.sources),
    memos: await measure(store, keys.memos),
  };
  const versions = [...kept.removed].flatMap(([name, entries]) => {
    const distinct = new Map(entries.map((entry) => [entry.version, entry]));
    return [...distinct.values()].map(({ version, pictures }) => ({ name, version, pictures }));
  });
  const sum = (what: 'objects' | 'bytes'): number =>
    garbageKinds.reduce((total, kind) => total + kinds[kind][what], 0);
  return { cleaning, garbage: { versions, kinds, objects: sum('objects'), bytes: sum('bytes') } };
}

async function measure(store: Store, keys: readonly string[]): Promise<{ objects: number; bytes: number }> {
  const sizes = await mapConcurrently(keys, asksAtOnce, (key) => store.size(key));
  return { objects: keys.length, bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}
