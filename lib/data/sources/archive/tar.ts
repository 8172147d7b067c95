import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { Failure } from '../../../../contracts/failures';
import { largestPicture } from '../source';
import type { Budget } from './budget';
import type { SourceEntry } from '../entries';

const block = 512;

/** Kinds of entries that hold no file, as tar-stream names them, in words. */
const otherKinds: Readonly<Record<string, string>> = {
  link: 'a hard link, which is not followed',
  symlink: 'a symbolic link, which is not followed',
  'character-device': 'a device',
  'block-device': 'a device',
  fifo: 'a pipe',
};

function damaged(what: string, cause?: unknown): Failure {
  return new Failure(
    'source-invalid',
    `The tar archive is damaged or cut off: ${what}. Make or fetch it again.`,
    { cause },
  );
}

function refusedKind({ type, pax }: Header): string | undefined {
  if (type !== 'file' && type !== 'contiguous-file' && type !== 'directory') {
    return otherKinds[type] ?? 'an entry of a kind that is not supported';
  }
  const isSparse = Object.keys(pax ?? {}).some((key) => key.startsWith('GNU.sparse.'));
  return isSparse ? 'a sparse file. Make the archive again without --sparse' : undefined;
}

function drained(stream: Extract): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stream.off('drain', go).off('close', go);
      resolve();
    };
    stream.on('drain', go).on('close', go);
  });
}

/** Gives the extractor the archive's bytes, and sees that there are not too many, and that it has an end. */
async function feed(
  into: Extract,
  bytes: Readable,
  packed: Readable & { bytesRead: number },
  budget: Budget,
) {
  let unpacked = 0;
  let last: Buffer = Buffer.alloc(0);
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    unpacked += piece.length;
    budget.unpacked(unpacked, packed.bytesRead);
    last = piece.length >= block ? piece.subarray(-block) : Buffer.concat([last, piece]).subarray(-block);
    if (into.destroyed) return;
    if (!into.write(piece)) await drained(into);
  }
  if (unpacked === 0) throw damaged('it is empty');
  // Cut off between two entries, an archive is whole but for its end: blocks of zeros (POSIX.1-2017, pax).
  if (last.length < block || last.some((byte) => byte !== 0)) throw damaged('its end is missing');
  into.end(undefined);
}

async function collect(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of entry) if (Buffer.isBuffer(piece)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function tarFailure(error: unknown): unknown {
  if (error instanceof Failure) return error;
  return damaged(error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read', error);
}

/**
 * Reads a tar archive from its beginning to its end, gzip-compressed or not; each entry's bytes are read when
 * the entry is reached, and held until whoever has the entry lets go of it.
 *
 * @throws Failure `source-invalid` where it is damaged, cut off or too much; the signal's reason
 */
export async function* readTar(
  file: string,
  isCompressed: boolean,
  budget: Budget,
  signal?: AbortSignal,
): AsyncGenerator<SourceEntry, void, undefined> {
  const packed = createReadStream(file);
  const bytes = isCompressed ? packed.pipe(createGunzip()) : packed;
  if (isCompressed) packed.once('error', (error) => bytes.destroy(error));
  const archive = extract();
  // Heard by the iteration below; without a listener of its own it would end the process.
  archive.on('error', () => undefined);
  const feeding = feed(archive, bytes, packed, budget).catch((error: unknown) => {
    archive.destroy(
      error instanceof Error ? error : new Error('The archive cannot be read.', { cause: error }),
    );
  });
  try {
    for await (const entry of archive) {
      signal?.throwIfAborted();
      budget.entry();
      const { header } = entry;
      const { name, size } = header;
      const refused = refusedKind(header);
      const isWanted = refused === undefined && header.type !== 'directory' && size <= largestPicture;
      const content = isWanted ? await collect(entry) : undefined;
      if (content === undefined) entry.resume();
      yield {
        ...{ name, size, refused },
        isFolder: header.type === 'directory',
        ...(content && { stamp: createHash('sha256').update(content).digest('hex') }),
        bytes: () => Promise.resolve(content ?? Buffer.alloc(0)),
      };
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw tarFailure(error);
  } finally {
    archive.destroy();
    packed.destroy();
    bytes.destroy();
    await feeding;
  }
}
