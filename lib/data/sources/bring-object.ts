import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../contracts/failures';
import { retrying } from '../../network/retrying';
import { usualTimes } from '../../network/times';
import type { BucketObject, ForeignBucket } from '../../storage/foreign-bucket';
import type { BucketPlace } from './bucket-place';
import { addsUp } from './download/checksums';
import { removeAbandoned, removeWhole } from './download/leftovers';
import { writeAt } from './download/write-at';
import { isThere } from './is-there';
import type { SourceOptions } from './source';

export interface BringingObject {
  readonly bucket: ForeignBucket;
  readonly place: BucketPlace;
  readonly options: SourceOptions;
}

/** @throws Failure `source-invalid` where there is none, or it is too large; as the bucket */
export async function lookAtObject({ bucket, place, options }: BringingObject): Promise<BucketObject> {
  const object = await bucket.look(place.key);
  if (object === undefined) {
    throw new Failure(
      'source-invalid',
      `There is no object ${JSON.stringify(place.key)} in gs://${place.bucket}.`,
    );
  }
  if (object.size > options.limits.download) {
    throw new Failure(
      'source-invalid',
      `The object is of ${object.size} bytes; at most ${options.limits.download} are downloaded. Raise ` +
        'DROVER_MAX_DOWNLOAD_BYTES where it may.',
    );
  }
  return object;
}

function folderOf({ place, options }: BringingObject): string {
  const digest = createHash('sha256').update(`gs://${place.bucket}/${place.key}`).digest('hex').slice(0, 32);
  return path.join(options.downloads, digest);
}

/** An attempt that brings this much was not in vain: the next is counted as the first. */
const worthwhileBytes = 8 * 1024 * 1024;

/** What an earlier attempt, or another process, brought of this very generation is gone on with. */
async function take(
  part: string,
  object: BucketObject,
  { bucket, place, options }: BringingObject,
  progressed: () => void,
): Promise<void> {
  const handle = await open(part, constants.O_RDWR | constants.O_CREAT);
  try {
    const first = (await handle.stat()).size;
    let at = first;
    if (at < object.size) {
      for await (const piece of bucket.stream(object, at)) {
        options.signal?.throwIfAborted();
        await writeAt(handle, piece, at);
        at += piece.length;
        if (at - first >= worthwhileBytes) progressed();
        const note = `downloading from gs://${place.bucket}`;
        options.onProgress?.({ done: at, total: object.size, unit: 'bytes', note });
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Brings one object to this machine, resumed where it was stopped, and checked. Where it is replaced meanwhile, the new
 * one is begun.
 *
 * @returns its file
 * @throws Failure `source-invalid`, `source-unavailable`; the signal's reason
 */
export async function bringObject(bringing: BringingObject): Promise<string> {
  const { place, options } = bringing;
  const folder = folderOf(bringing);
  await removeAbandoned(options.downloads);
  return retrying(
    { ...usualTimes, ...options.times },
    async (progressed) => {
      // Each time: it may have been replaced while it was read.
      const object = await lookAtObject(bringing);
      await mkdir(folder, { recursive: true });
      const marks = JSON.stringify([object.generation, object.size, object.md5, object.crc32c]);
      const name = path.join(folder, createHash('sha256').update(marks).digest('hex').slice(0, 32));
      const [part, whole] = [`${name}.part`, `${name}.whole`];
      if (await isThere(whole)) return whole;
      await take(part, object, bringing, progressed);
      // Another process, with the same bytes, may have been first.
      if (await isThere(whole)) return whole;
      const { size } = await stat(part);
      const { md5, crc32c } = object;
      const sums = { ...(md5 !== undefined && { md5 }), ...(crc32c !== undefined && { crc32c }) };
      if (size !== object.size || !(await addsUp(part, sums, options.signal))) {
        if (size >= object.size) await rm(part, { force: true });
        throw new Failure(
          'source-unavailable',
          `gs://${place.bucket} sent other bytes than its checksum says.`,
        );
      }
      await rename(part, whole);
      return whole;
    },
    options.signal,
  );
}

/** Removes what was brought whole; a part stays. */
export async function forgetObject(bringing: BringingObject): Promise<void> {
  await removeWhole(folderOf(bringing));
}
