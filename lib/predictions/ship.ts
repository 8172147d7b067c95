import type { Logger } from '../logging/logger';
import type { Store } from '../storage/store';
import { claimSegments, shipBatch, takeOver } from './batch';
import type { SpoolCounts } from './counts';
import { hourMs, hourOf } from './keys';
import { prunePredictions } from './retention';
import type { SegmentName } from './segment-names';
import { closeLeftovers, readSpool, removeShipped } from './spool-folder';

export interface Shipper {
  /** Ships all that is closed, now. @throws Failure of the store; Error of the file system */
  ship(): Promise<void>;
  /**
   * Ships what the spool holds, and stops; to be called when all writers of this process are closed. What isn't shipped after some
   * seconds stays in the spool for the next start. Never rejects.
   */
  close(): Promise<void>;
}

export interface ShipperOptions {
  /** The spool's. */
  readonly folder: string;
  readonly store: Store;
  /** Those that this process's spools have, too. */
  readonly counts: SpoolCounts;
  /** What is older is removed from the store, once an hour; 0 keeps all. */
  readonly keepDays: number;
  readonly logger: Logger;
  /** Between two looks into the spool. */
  readonly intervalMs?: number;
  /** How long {@link Shipper.close} tries. */
  readonly closeMs?: number;
}

/** A batch is held in memory twice while it is shipped. */
const batchBytes = 8 * 2 ** 20;
/** With so much, or when the oldest has waited so long, a batch is made: many small ones would make many objects. */
const enoughBytes = 4 * 2 ** 20;
const waitMs = 30_000;
const longestPauseMs = 60_000;
const firstPruneMs = 60_000;

/** Ships what spools hold to the store, of this process and of others that ended before theirs was shipped. */
export function startShipper(options: ShipperOptions): Shipper {
  const { folder, store, counts, keepDays, logger, intervalMs = 3_000, closeMs = 5_000 } = options;
  /** Claimed by this shipper and not shipped yet: the store is away. */
  const pending = new Set<string>();
  let work: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let told = { full: 0, disk: 0, at: -Infinity };
  // Not at once: a process that starts has better things to do.
  let prunedAt = Date.now() - hourMs + firstPruneMs;
  let closed = false;

  /** One after the other, whoever asks. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = work.then(task);
    work = done.catch(() => undefined);
    return done;
  }

  async function look(everything: boolean): Promise<void> {
    const before = counts.get('waiting');
    const contents = await readSpool(folder);
    // What writers have added meanwhile stays added.
    counts.add('waiting', contents.bytes - before);
    const now = Date.now();
    await removeShipped(folder, contents.batches);
    for (const batch of contents.batches) {
      if (batch.done || pending.has(batch.folder)) continue;
      const taken = await takeOver(folder, batch, now);
      if (taken !== undefined) pending.add(taken);
    }
    const left = await closeLeftovers(folder, contents.open, { now, ownToo: everything && closed });
    for (const batch of pending) await shipPending(batch);
    await shipSegments([...contents.closed, ...left], everything ? Infinity : now - waitMs);
  }

  async function shipPending(batch: string): Promise<void> {
    const { records, bytes, cut } = await shipBatch(store, folder, batch);
    pending.delete(batch);
    counts.add('shipped', records);
    counts.add('waiting', -bytes);
    if (cut > 0) logger.warn('a segment of the spool ended in the middle of a record', { bytes: cut });
  }

  /** @param olderThan - what was begun before is shipped, however little it is. */
  async function shipSegments(segments: readonly SegmentName[], olderThan: number): Promise<void> {
    let rest = segments;
    while (rest.length > 0) {
      const batch = nextBatch(rest);
      const [oldest] = batch;
      const bytes = batch.reduce((sum, segment) => sum + (segment.bytes ?? 0), 0);
      const isDue = bytes >= enoughBytes || (oldest?.begun ?? 0) < olderThan;
      if (!isDue) return;
      const claimed = await claimSegments(folder, batch);
      if (claimed !== undefined) {
        pending.add(claimed);
        await shipPending(claimed);
      }
      rest = rest.slice(batch.length);
    }
  }

  async function prune(): Promise<void> {
    if (keepDays === 0 || Date.now() - prunedAt < hourMs) return;
    prunedAt = Date.now();
    try {
      const { days, objects } = await prunePredictions(store, { days: keepDays, now: prunedAt });
      if (objects > 0) logger.info('old predictions were removed', { days, objects });
    } catch (error) {
      logger.warn('old predictions cannot be removed; it is tried again in an hour', { error });
    }
  }

  /** Writers have nobody to tell it to. At most once a minute, and what was dropped since. */
  function tellOfDropped(): void {
    const full = counts.get('full') - told.full;
    const disk = counts.get('disk') - told.disk;
    if (full + disk === 0 || Date.now() - told.at < longestPauseMs) return;
    told = { full: told.full + full, disk: told.disk + disk, at: Date.now() };
    logger.warn(
      disk > 0
        ? 'predictions are not kept: the spool cannot be written; check its disk, and who may write there'
        : 'predictions are not kept: the spool is at its bound, DROVER_SPOOL_BYTES',
      { folder, full, disk },
    );
  }

  async function lookAndTell(): Promise<void> {
    tellOfDropped();
    try {
      await inTurn(() => look(false));
      if (failures > 0) logger.info('kept predictions are shipped again');
      failures = 0;
      await prune();
    } catch (error) {
      // Once, not at every attempt: the store may be away for hours.
      if (failures === 0)
        logger.warn('kept predictions cannot be shipped; they wait in the spool', { error });
      failures += 1;
    }
  }

  function keepLooking(): void {
    void lookAndTell().then(() => {
      const pauseMs = Math.min(intervalMs * 2 ** failures, Math.max(longestPauseMs, intervalMs));
      if (!closed) timer = setTimeout(keepLooking, pauseMs).unref();
    });
  }

  async function shipTheRest(): Promise<void> {
    try {
      await inTurn(() => look(true));
    } catch (error) {
      logger.warn('kept predictions stay in the spool; the next start ships them', { error });
    }
  }

  keepLooking();

  return {
    ship: () => inTurn(() => look(true)),
    async close() {
      closed = true;
      tellOfDropped();
      clearTimeout(timer);
      const gaveUp = await within(closeMs, shipTheRest());
      if (gaveUp) logger.warn('kept predictions stay in the spool; the next start ships them');
    },
  };
}

/** The oldest of some segments and those after it that belong to the same hour, as many as make a batch. */
function nextBatch(segments: readonly SegmentName[]): readonly SegmentName[] {
  const hour = hourOf(segments[0]?.begun ?? 0);
  let bytes = 0;
  const end = segments.findIndex((segment, index) => {
    bytes += segment.bytes ?? 0;
    return index > 0 && (bytes > batchBytes || hourOf(segment.begun) !== hour);
  });
  return end === -1 ? segments : segments.slice(0, end);
}

/** @returns whether `work` wasn't done in time; it goes on, and what it gives is nobody's any more. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
