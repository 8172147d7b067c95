import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessAbsent } from '../storage/folder-failures';
import type { Store } from '../storage/store';
import { decodeFrames, type Frame } from './frames';
import { batchKey, hourOf } from './keys';
import { type BatchName, doneName, hasEnded, newBatch, ownWorld, type SegmentName } from './segment-names';
import { segmentsAmong } from './spool-folder';
import { encodeTar } from './tar';

/** Its owner touches it with every attempt, of which two are never so far apart. */
const abandonedMs = 10 * 60_000;

/**
 * Takes segments out of the spool into a folder of their own: what is in there is shipped together, under the same keys however often
 * that is tried, and by whatever process. Of several that want the same segment, one gets it.
 *
 * @returns the folder's name; undefined where others were faster with all.
 */
export async function claimSegments(
  folder: string,
  segments: readonly SegmentName[],
): Promise<string | undefined> {
  const batch = newBatch();
  await mkdir(join(folder, batch), { mode: 0o700 });
  let moved = 0;
  for (const { file } of segments) {
    const done = await unlessAbsent(rename(join(folder, file), join(folder, batch, file)).then(() => true));
    if (done === true) moved += 1;
  }
  if (moved > 0) return batch;
  await rm(join(folder, batch), { recursive: true, force: true });
  return undefined;
}

/**
 * Takes over the batch of a process that has ended before it was shipped.
 *
 * @returns its new name; undefined where it is somebody's that lives, or another was faster.
 */
export async function takeOver(folder: string, batch: BatchName, now: number): Promise<string | undefined> {
  const isOwn = batch.pid === process.pid && batch.world === ownWorld();
  if (!isOwn && hasEnded(batch) !== true) {
    const info = await unlessAbsent(stat(join(folder, batch.folder)));
    if (info === undefined || now - info.mtimeMs < abandonedMs) return undefined;
  }
  const name = newBatch();
  const moved = await unlessAbsent(rename(join(folder, batch.folder), join(folder, name)).then(() => true));
  return moved === true ? name : undefined;
}

/** What became of a batch. */
export interface Shipped {
  readonly records: number;
  /** Of the spool, that are free now. */
  readonly bytes: number;
  /** Bytes that were no whole record: a kill or a full disk cut them off. */
  readonly cut: number;
}

const nothing: Shipped = { records: 0, bytes: 0, cut: 0 };

/**
 * Writes a batch to the store, and removes it. Its objects' keys follow from its segments' names, which are never used twice: after a
 * process that ended in the middle of this, the next one writes the same objects, and none twice.
 *
 * @param batch - a folder in `folder`.
 * @throws Failure of the store; Error of the file system. The batch is still there then.
 */
export async function shipBatch(store: Store, folder: string, batch: string): Promise<Shipped> {
  const place = join(folder, batch);
  const now = new Date();
  // Somebody may have taken it for abandoned, and ships it.
  if ((await unlessAbsent(utimes(place, now, now).then(() => true))) !== true) return nothing;
  const contents = await unlessAbsent(readSegments(place));
  if (contents === undefined) return nothing;
  const { segments } = contents;
  const [first] = segments;
  if (first !== undefined && contents.records > 0) {
    const id = createHash('sha256')
      .update(segments.map(({ file }) => `${file}\n`).join(''))
      .digest('hex');
    await putObjects(store, (part) => batchKey(hourOf(first.begun), id.slice(0, 32), part), contents);
  }
  const done = join(folder, doneName(batch));
  await unlessAbsent(rename(place, done));
  await rm(done, { recursive: true, force: true });
  return {
    ...{ records: contents.records, cut: contents.cut },
    bytes: segments.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

interface BatchContents {
  /** The oldest first. */
  readonly segments: readonly SegmentName[];
  /** Lines. */
  readonly predictions: Buffer[];
  readonly feedback: Buffer[];
  /** By name; one that was sent more than once is here once. */
  readonly pictures: Map<string, Uint8Array>;
  records: number;
  cut: number;
}

async function readSegments(place: string): Promise<BatchContents> {
  const segments = segmentsAmong(await readdir(place));
  const contents: BatchContents = {
    ...{ segments, predictions: [], feedback: [], pictures: new Map<string, Uint8Array>() },
    ...{ records: 0, cut: 0 },
  };
  for (const { file } of segments) {
    const { frames, cut } = decodeFrames(await readFile(join(place, file)));
    contents.cut += cut;
    contents.records += frames.length;
    for (const frame of frames) addFrame(contents, frame);
  }
  return contents;
}

const newline = Buffer.from('\n');

function addFrame({ predictions, feedback, pictures }: BatchContents, frame: Frame): void {
  (frame.kind === 'feedback' ? feedback : predictions).push(frame.json, newline);
  if (frame.picture !== undefined) pictures.set(frame.picture.name, frame.picture.bytes);
}

async function putObjects(
  store: Store,
  keyOf: (part: 'predictions' | 'feedback' | 'pictures') => string,
  { predictions, feedback, pictures }: BatchContents,
): Promise<void> {
  // First the pictures: a record that is read finds its own.
  if (pictures.size > 0) await store.create(keyOf('pictures'), encodeTar(pictures));
  if (predictions.length > 0) await store.create(keyOf('predictions'), Buffer.concat(predictions));
  if (feedback.length > 0) await store.create(keyOf('feedback'), Buffer.concat(feedback));
}
