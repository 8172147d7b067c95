import { readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../storage/folder-failures';
import {
  type BatchName,
  closedName,
  hasEnded,
  ownWorld,
  readBatchName,
  readSegmentName,
  type SegmentName,
} from './segment-names';
import { segmentMs } from './spool';

/** What lies in a spool. */
export interface SpoolContents {
  /** Still written, or left over. */
  readonly open: readonly SegmentName[];
  /** Closed, the oldest first. */
  readonly closed: readonly SegmentName[];
  readonly batches: readonly BatchName[];
  /** Of all of them. */
  readonly bytes: number;
}

/** A segment that no writer would append to any more, by its own rule; the rest is for disks and machines that are slow. */
const leftoverMs = 6 * segmentMs;

function byAge(a: SegmentName, b: SegmentName): number {
  return a.begun - b.begun || (a.file < b.file ? -1 : 1);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await unlessAbsent(readdir(folder))) ?? [];
}

/** The segments among some names, the oldest first. */
export function segmentsAmong(names: readonly string[]): SegmentName[] {
  return names
    .map(readSegmentName)
    .filter((segment) => segment !== undefined)
    .sort(byAge);
}

/** Looks into a spool; where there is none, it is empty. */
export async function readSpool(folder: string): Promise<SpoolContents> {
  const names = await namesIn(folder);
  const segments = segmentsAmong(names);
  const open = segments.filter(({ bytes }) => bytes === undefined);
  const closed = segments.filter(({ bytes }) => bytes !== undefined);
  const batches = names.map(readBatchName).filter((batch) => batch !== undefined);
  const claimed = await Promise.all(batches.map((batch) => namesIn(join(folder, batch.folder))));
  // Of closed ones the names say it: there may be thousands, where the store was away for long.
  const known = [...closed, ...segmentsAmong(claimed.flat())].reduce(
    (sum, { bytes }) => sum + (bytes ?? 0),
    0,
  );
  const sizes = await Promise.all(open.map(({ file }) => unlessAbsent(stat(join(folder, file)))));
  return {
    ...{ open, closed, batches },
    bytes: sizes.reduce((sum, info) => sum + (info?.size ?? 0), known),
  };
}

/**
 * Closes segments whose writer has ended without doing so: its process is gone, or nothing came to it for far longer than a writer
 * would keep it open.
 *
 * @param ownToo - those of this process, too: all its writers have ended.
 * @returns those that it closed.
 */
export async function closeLeftovers(
  folder: string,
  open: readonly SegmentName[],
  { now, ownToo }: { readonly now: number; readonly ownToo: boolean },
): Promise<SegmentName[]> {
  const left: SegmentName[] = [];
  for (const segment of open) {
    const file = join(folder, segment.file);
    const info = await unlessAbsent(stat(file));
    if (info === undefined) continue;
    const isOwn = segment.pid === process.pid && segment.world === ownWorld();
    const isLeft = (isOwn && ownToo) || hasEnded(segment) === true || now - info.mtimeMs > leftoverMs;
    if (!isLeft) continue;
    if (info.size === 0) {
      await unlessAbsent(unlink(file));
      continue;
    }
    const name = closedName(segment.file, info.size);
    // Another process may be faster; then it is that one's to ship.
    const moved = await unlessAbsent(rename(file, join(folder, name)).then(() => true));
    if (moved === true) left.push({ ...segment, file: name, bytes: info.size });
  }
  return left;
}

/** Removes what was shipped by a process that ended just then. */
export async function removeShipped(folder: string, batches: readonly BatchName[]): Promise<void> {
  for (const batch of batches.filter(({ done }) => done)) {
    await rm(join(folder, batch.folder), { recursive: true, force: true });
  }
}
