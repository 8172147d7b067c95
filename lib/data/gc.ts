import { Failure } from '../../contracts/failures';
import type { SizedKey, Store } from '../storage/store';
import { markKept, type Keeping } from './cleaning/keep';
import { planCleaning, type Cleaning, type Looking } from './cleaning/plan';
import { recordRemoved } from './cleaning/removed';
import { sweep } from './cleaning/sweep';
import { whileCleaning } from './under-way';

/** Well below the hour after which a cleaning is taken for dead, and work would begin beside it. */
const longestMs = 45 * 60 * 1000;

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
export async function findGarbage(store: Store, wish: Wish, looking: Looking = {}): Promise<Garbage> {
  return (await look(store, wish, looking)).garbage;
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
  { onLook, signal }: Looking = {},
): Promise<Garbage & { readonly whole: boolean }> {
  const clean = async (): Promise<Garbage & { readonly whole: boolean }> => {
    const late = AbortSignal.timeout(longestMs);
    const stop = signal ? AbortSignal.any([signal, late]) : late;
    let found: Garbage | undefined;
    try {
      const { cleaning, garbage } = await look(store, wish, { onLook, signal: stop });
      await recordRemoved(store, cleaning, wish.now);
      found = garbage;
      await sweep(store, cleaning, onProgress, stop);
      return { ...garbage, whole: true };
    } catch (error) {
      if (!late.aborted || signal?.aborted === true) throw error;
      if (found === undefined) throw tooLarge();
      return { ...found, whole: false };
    }
  };
  return whileCleaning(store, clean, { ignoreWork: wish.ignoreWork === true });
}

/** The next cleaning would come no further, so that it is no matter of trying again. */
function tooLarge(): Failure {
  return new Failure(
    'start-refused',
    `Looking through the store took longer than the ${longestMs / 60_000} minutes of one cleaning, so that nothing was removed. ` +
      'Clean from a machine near the store: a bucket from one in its region.',
  );
}

async function look(
  store: Store,
  wish: Wish,
  looking: Looking,
): Promise<{ cleaning: Cleaning; garbage: Garbage }> {
  const kept = await markKept(store, { ...wish, models: await wish.models() });
  const cleaning = await planCleaning(store, kept, looking);
  const kinds = {
    pictures: measure(cleaning.pictures),
    prepared: measure(cleaning.preparedSets, cleaning.parts, cleaning.shards),
    versions: measure(cleaning.versions),
    sources: measure(cleaning.pointers, cleaning.listings, cleaning.examinations),
    memos: measure(cleaning.memos),
  };
  const versions = [...kept.removed].flatMap(([name, entries]) => {
    const distinct = new Map(entries.map((entry) => [entry.version, entry]));
    return [...distinct.values()].map(({ version, pictures }) => ({ name, version, pictures }));
  });
  const sum = (what: 'objects' | 'bytes'): number =>
    garbageKinds.reduce((total, kind) => total + kinds[kind][what], 0);
  return { cleaning, garbage: { versions, kinds, objects: sum('objects'), bytes: sum('bytes') } };
}

function measure(...lists: readonly (readonly SizedKey[])[]): { objects: number; bytes: number } {
  let [objects, bytes] = [0, 0];
  for (const list of lists) {
    objects += list.length;
    for (const object of list) bytes += object.bytes;
  }
  return { objects, bytes };
}
