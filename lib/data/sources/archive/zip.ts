import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { errorCode } from '../../../../contracts/error-code';
import { Failure } from '../../../../contracts/failures';
import type { SourceEntry } from '../entries';
import type { Budget } from './budget';
import { fileMark, openUnchanged } from './file-mark';

const inflate = promisify(inflateRaw);

const centralHeader = 0x02014b50;
const localHeader = 0x04034b50;
const localHeaderBytes = 30;
const stored = 0;
const deflated = 8;

/** What of an entry is needed to read it, and no more: an archive may have millions. */
interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly compressed: number;
  readonly isDeflated: boolean;
  readonly crc32: number;
  readonly at: number;
  readonly refused: string | undefined;
}

function damaged(what: string, cause?: unknown): Failure {
  return new Failure(
    'source-invalid',
    `The zip archive is damaged or cut off: ${what}. Make or fetch it again.`,
    { cause },
  );
}

/** UTF-8 where it is that, whatever the entry says of itself: macOS does not say it. */
function nameOf(entry: Entry): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry.fileNameRaw);
  } catch {
    // As the entry says: code page 437, or UTF-8 that is none, whose replacement characters are then refused.
    return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
  }
}

const kindsOfFile: ReadonlyMap<number, string> = new Map([
  [0x1000, 'a pipe'],
  [0x2000, 'a device'],
  [0x6000, 'a device'],
  [0xa000, 'a symbolic link, which is not followed'],
  [0xc000, 'a socket'],
]);

/** Systems whose archives hold the file's mode, by "version made by": Unix, and macOS. */
const systemsWithModes = new Set([3, 19]);

function refusedKind(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'an encrypted entry. Make the archive again without a password';
  if (systemsWithModes.has(entry.versionMadeBy >>> 8)) {
    const kind = kindsOfFile.get((entry.externalFileAttributes >>> 16) & 0xf000);
    if (kind !== undefined) return kind;
  }
  const { compressionMethod: method, compressedSize: compressed, uncompressedSize: size } = entry;
  if (method !== stored && method !== deflated) {
    return `an entry of compression method ${method}; supported are stored and deflated`;
  }
  // Deflate adds five bytes to a block where it can't compress.
  const most = method === stored ? size : size + Math.ceil(size / 1000) + 4096;
  if (compressed > most || (method === stored && compressed !== size)) {
    return `an entry of ${size} bytes that takes ${compressed} in the archive, which cannot be`;
  }
  return undefined;
}

/** @throws Failure `source-invalid` where two entries are made of the same bytes, as in archives made to do harm */
function requireApart(entries: readonly ZipEntry[], names: readonly number[]): void {
  const order = entries
    .map((_, index) => index)
    .sort((a, b) => (entries[a]?.at ?? 0) - (entries[b]?.at ?? 0));
  let end = 0;
  for (const index of order) {
    const entry = entries[index];
    if (entry === undefined) continue;
    if (entry.at < end) {
      throw new Failure(
        'source-invalid',
        'Entries of the zip archive overlap, as in archives that are made to do harm. It is not read.',
      );
    }
    end = entry.at + localHeaderBytes + (names[index] ?? 0) + entry.compressed;
  }
}

/** Every entry of the directory at the archive's end, checked as a whole. */
async function readDirectory(handle: FileHandle, budget: Budget): Promise<ZipEntry[]> {
  let archive: ZipFile;
  const entries: ZipEntry[] = [];
  const names: number[] = [];
  let [size, compressed] = [0, 0];
  try {
    archive = await fromFdPromise(handle.fd, {
      autoClose: false,
      // One bad name or size would end the reading; here it is that entry's alone.
      decodeStrings: false,
      validateEntrySizes: false,
    });
    for await (const entry of archive.eachEntry()) {
      budget.entry();
      size += entry.uncompressedSize;
      compressed += entry.compressedSize;
      names.push(entry.fileNameLength);
      entries.push({
        name: nameOf(entry),
        size: entry.uncompressedSize,
        compressed: entry.compressedSize,
        isDeflated: entry.compressionMethod === deflated,
        crc32: entry.crc32,
        at: entry.relativeOffsetOfLocalHeader,
        refused: refusedKind(entry),
      });
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw damaged(
      error instanceof Error ? error.message.slice(0, 200) : 'its directory cannot be read',
      error,
    );
  }
  // Sixteen bits count the entries in archives that are not zip64, and some programs let them run over.
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, Number(archive.readEntryCursor));
  if (bytesRead === 4 && buffer.readUInt32LE(0) === centralHeader) {
    throw damaged('its directory holds more entries than it says');
  }
  budget.unpacked(size, compressed);
  requireApart(entries, names);
  return entries;
}

function unreadable(what: string, cause?: unknown): Failure {
  return new Failure('picture-unreadable', `Found a damaged entry: ${what}.`, { cause });
}

async function readFully(handle: FileHandle, length: number, at: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) throw unreadable('the archive ends within it');
    done += bytesRead;
  }
  return buffer;
}

async function unpack(packed: Buffer, size: number): Promise<Buffer> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    const isLonger = errorCode(error) === 'ERR_BUFFER_TOO_LARGE';
    throw unreadable(
      isLonger ? `it unpacks to more than the ${size} bytes it declares` : 'it cannot be unpacked',
      error,
    );
  }
}

async function readEntry(handle: FileHandle, entry: ZipEntry): Promise<Buffer> {
  const header = await readFully(handle, localHeaderBytes, entry.at);
  if (header.readUInt32LE(0) !== localHeader) throw unreadable('there is no entry where the directory says');
  const start = entry.at + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = await readFully(handle, entry.compressed, start);
  const bytes = entry.isDeflated ? await unpack(packed, entry.size) : packed;
  if (bytes.length !== entry.size) {
    throw unreadable(`it unpacks to ${bytes.length} bytes, and declares ${entry.size}`);
  }
  if (crc32(bytes) !== entry.crc32) throw unreadable('its bytes are not those of its checksum');
  return bytes;
}

/**
 * Reads a zip archive by its directory; entries in any order, each when it is asked for. Sizes and checksums are
 * checked against what came out.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws Failure `source-invalid` where the directory is damaged, entries overlap, or it is too much
 */
export async function* readZip(file: string, budget: Budget): AsyncGenerator<SourceEntry, void, undefined> {
  const handle = await open(file);
  let entries: ZipEntry[];
  const mark = await fileMark(handle);
  try {
    entries = await readDirectory(handle, budget);
  } finally {
    await handle.close();
  }
  for (const entry of entries) {
    yield {
      name: entry.name,
      size: entry.size,
      isFolder: entry.name.endsWith('/') && entry.size === 0,
      refused: entry.refused,
      stamp: `${entry.size} ${entry.crc32.toString(16).padStart(8, '0')}`,
      async bytes() {
        // Opened for each: the last are asked for when the reading of the directory has long ended.
        const opened = await openUnchanged(file, mark);
        try {
          return await readEntry(opened, entry);
        } finally {
          await opened.close();
        }
      },
    };
  }
}
