import { markKept, type Keeping } from './cleaning/keep';
import { planCleaning, type Cleaning } from './cleaning/plan';
import { countRemovals, removals, sweep } from './cleaning/sweep';
import { mapConcurrently } from './concurrently';
import type { Store } from '../storage/store';
import { whileCleaning } from './under-way';

/** Well below the hour after which a cleaning is taken for dead, and work would begin beside it. */
const longestMs = 45 * 60 * 1000;

/** What a cleaning removes, or would. */
export interface Garbage {
  readonly cleaning: Cleaning;
  readonly objects: number;
  readonly bytes: number;
}

type Wish = Omit<Keeping, 'models'> & {
  /** Asked when nothing new can come to stand on what goes. */
  readonly models: () => Promise<Keeping['models']>;
};

/**
 * What nothing needs any more, and how large it is; removes nothing. Counted while an ingest is under way, it
 * takes in what that has put into the store already.
 *
 * @throws as {@link removeGarbage}
 */
export async function findGarbage(store: Store, wish: Wish): Promise<Garbage> {
  const cleaning = await planCleaning(store, await markKept(store, { ...wish, models: await wish.models() }));
  const keys = removals(cleaning).flat();
  const sizes = await mapConcurrently(keys, 16, (key) => store.size(key));
  return {
    cleaning,
    objects: countRemovals(cleaning),
    bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
  };
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
  return whileCleaning(store, async () => {
    const began = Date.now();
    const garbage = await findGarbage(store, wish);
    const late = AbortSignal.timeout(Math.max(0, longestMs - (Date.now() - began)));
    try {
      await sweep(store, garbage.cleaning, onProgress, signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      if (!late.aborted || signal?.aborted === true) throw error;
      return { ...garbage, whole: false };
    }
    return { ...garbage, whole: true };
  });
}
