import { createHash } from 'node:crypto';
import { constants, type PathLike } from 'node:fs';
import { mkdir, open, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../../../contracts/error-code';
import { Failure } from '../../../../contracts/failures';
import type { Answer, Network, RequestOptions } from '../../../network/network';
import { retrying } from '../../../network/retrying';
import { statusFailure } from '../../../network/statuses';
import { Unavailable } from '../../../network/unavailable';
import type { SourceOptions } from '../source';
import { addsUp } from './checksums';
import { removeAbandoned } from './leftovers';
import {
  type DownloadFolder,
  type DownloadRecord,
  openDownloadFolder,
  rangeValidator,
  recordOf,
} from './record';
import { isThere } from '../is-there';
import { writeAt } from './write-at';

/** An attempt that brings this much was not in vain: the next is counted as the first. */
const worthwhileBytes = 8 * 1024 * 1024;

export interface Downloading {
  readonly url: URL;
  readonly authorization?: RequestOptions['authorization'];
  readonly network: Network;
  readonly options: Pick<SourceOptions, 'downloads' | 'limits' | 'onProgress' | 'signal'>;
}

/** A file that is here whole, and what its host said of it. */
export interface Downloaded {
  readonly file: string;
  readonly record: DownloadRecord;
}

/** Where an address's file is kept. The address itself, which may hold a token, is not to be read from it. */
export function downloadFolder(url: URL, { downloads }: Pick<SourceOptions, 'downloads'>): DownloadFolder {
  return openDownloadFolder(
    path.join(downloads, createHash('sha256').update(url.href).digest('hex').slice(0, 32)),
  );
}

function diskFailure(error: unknown, folder: PathLike): unknown {
  const code = errorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new Failure(
    'source-invalid',
    `The disk of ${String(folder)} is full, or its quota used up. Free some space, or set DROVER_HOME to a larger ` +
      'disk; the download goes on where it stopped.',
    { cause: error },
  );
}

/** @throws Failure `source-invalid` where a file of that length is not allowed, or has no room */
async function requireRoom(total: number | undefined, have: number, downloading: Downloading): Promise<void> {
  const { limits, downloads } = downloading.options;
  if (total === undefined) return;
  requireWithin(total, downloading);
  await mkdir(downloads, { recursive: true });
  const { bavail, bsize } = await statfs(downloads);
  if (total - have <= bavail * bsize) return;
  throw new Failure(
    'source-invalid',
    `The download is of ${total} bytes, and the disk of ${downloads} has ${bavail * bsize} left. Free some space, or ` +
      `set DROVER_HOME to a larger disk (at most ${limits.download} bytes are downloaded).`,
  );
}

function requireWithin(bytes: number, { url, options: { limits } }: Downloading): void {
  if (bytes <= limits.download) return;
  throw new Failure(
    'source-invalid',
    `${url.host} sends more than ${limits.download} bytes. Raise DROVER_MAX_DOWNLOAD_BYTES where it may.`,
  );
}

/** What to ask for, by what there is already. */
function headersFor(latest: Awaited<ReturnType<DownloadFolder['latest']>>): Record<string, string> {
  if (latest === undefined) return {};
  const { record, isWhole, size } = latest;
  if (isWhole && record.etag !== undefined) return { 'if-none-match': record.etag };
  if (isWhole) return record.lastModified === undefined ? {} : { 'if-modified-since': record.lastModified };
  const validator = rangeValidator(record);
  return validator === undefined || size === 0 ? {} : { range: `bytes=${size}-`, 'if-range': validator };
}

/** The first byte and the length that a partial answer is of, or undefined where it does not say. */
function contentRange(
  answer: Answer,
): { readonly first: number; readonly total: number | undefined } | undefined {
  const found = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(answer.header('content-range') ?? '');
  if (found === null) return undefined;
  return { first: Number(found[1]), total: found[2] === '*' ? undefined : Number(found[2]) };
}

/**
 * A part to go on with must be there still: another process may have put it in its place meanwhile, and a new
 * file would begin with a hole.
 */
async function openPart(part: string, first: number): Promise<FileHandle> {
  if (first === 0) return open(part, constants.O_RDWR | constants.O_CREAT);
  return open(part, constants.O_RDWR).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new Unavailable('Another process has ended this download. It is looked for again.');
  });
}

/** Takes an answer's bytes to their place in the part, and says how long the part then is. */
async function take(
  answer: Answer,
  { record, first }: { readonly record: DownloadRecord; readonly first: number },
  { part, downloading, progressed }: { part: string; downloading: Downloading; progressed: () => void },
): Promise<number> {
  const { onProgress } = downloading.options;
  const handle = await openPart(part, first);
  let at = first;
  try {
    for await (const piece of answer.body) {
      requireWithin(at + piece.length, downloading);
      // By position: another process at the same file writes the same bytes.
      await writeAt(handle, piece, at);
      at += piece.length;
      if (at - first >= worthwhileBytes) progressed();
      const note = `downloading from ${downloading.url.host}`;
      onProgress?.({ done: at, total: Math.max(at, record.length ?? 0), unit: 'bytes', note });
    }
    await handle.sync();
    return at;
  } finally {
    await handle.close();
  }
}

/** What is here already, put right where a process was killed just before it did that itself. */
async function latestOf(
  folder: DownloadFolder,
  downloading: Downloading,
): ReturnType<DownloadFolder['latest']> {
  const found = await folder.latest();
  if (found?.record.length === undefined) return found;
  const { record, isWhole, size } = found;
  if (isWhole ? size !== record.length : size > (record.length ?? 0)) {
    await folder.drop(record);
    return undefined;
  }
  if (isWhole || size < (record.length ?? 0)) return found;
  await finish(size, record, folder, downloading);
  return { record, isWhole: true, size };
}

async function attempt(downloading: Downloading, progressed: () => void): Promise<Downloaded> {
  const { url, authorization, network, options } = downloading;
  const { signal } = options;
  const folder = downloadFolder(url, options);
  const latest = await latestOf(folder, downloading);
  const answer = await network.request(url, { headers: headersFor(latest), authorization, signal });
  if (answer.status === 304 && latest?.isWhole === true) {
    answer.discard();
    return { file: folder.whole(latest.record), record: latest.record };
  }
  if (answer.status === 416 && latest !== undefined) {
    answer.discard();
    await folder.drop(latest.record);
    throw new Unavailable(`${url.host} no longer has what was being downloaded. It is begun again.`);
  }
  let record = recordOf(answer);
  let first = 0;
  if (answer.status === 206 && latest !== undefined) {
    const range = contentRange(answer);
    const isSame = record.etag === undefined || record.etag === latest.record.etag;
    if (
      range?.first !== latest.size ||
      !isSame ||
      (range.total ?? latest.record.length) !== latest.record.length
    ) {
      answer.discard();
      await folder.drop(latest.record);
      throw new Unavailable(`${url.host} sent another part than it was asked for. It is begun again.`);
    }
    ({ record } = latest);
    first = latest.size;
  } else if (answer.status !== 200) throw statusFailure(answer);
  else if (latest?.isWhole === true && latest.record.id === record.id) {
    // It was not asked in vain: the host does not know the question, and has the same file.
    answer.discard();
    return { file: folder.whole(record), record };
  }
  await requireRoom(record.length, first, downloading);
  await folder.keep(record);
  const part = folder.part(record);
  const isResumable = rangeValidator(record) !== undefined;
  try {
    const size = await take(
      answer,
      { record, first },
      { part, downloading, progressed: isResumable ? progressed : () => undefined },
    );
    return await finish(size, record, folder, downloading);
  } catch (error) {
    // What nobody can go on with is only in the way.
    if (!isResumable) await folder.drop(record);
    throw error;
  }
}

/** Puts a part that is whole in its place, once it is found to be what the host said. */
async function finish(
  size: number,
  record: DownloadRecord,
  folder: DownloadFolder,
  { url, options: { signal } }: Downloading,
): Promise<Downloaded> {
  const [part, whole] = [folder.part(record), folder.whole(record)];
  if (record.length !== undefined && size !== record.length) {
    if (size > record.length) await folder.drop(record);
    throw new Unavailable(`${url.host} sent ${size} bytes of ${record.length}. It is tried again.`);
  }
  const isRight = await addsUp(part, record.checksums, signal).catch((error: unknown) => {
    // Another process was faster, and checked it, too.
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  });
  if (!isRight) {
    await folder.drop(record);
    throw new Unavailable(`${url.host} sent other bytes than its checksum says. It is begun again.`);
  }
  // Where another process was first, it is reading that file.
  if (await isThere(whole)) await rm(part, { force: true });
  else {
    await rename(part, whole).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
  // It may have cleaned up, too.
  if (!(await isThere(whole)))
    throw new Unavailable('The download was removed as it ended. It is begun again.');
  await folder.tidy(record);
  return { file: whole, record };
}

/**
 * Brings a file to this machine. What an earlier attempt or process brought is gone on with where the host says
 * that it has the same file still, and is not asked for again where it is whole. Length and checksums are held
 * against what the host says.
 *
 * @throws Failure `source-unavailable` where the host does not send it to the end, after some attempts;
 *   `source-invalid` where it has none, or too much; `path-refused`; the signal's reason
 */
export async function download(downloading: Downloading): Promise<Downloaded> {
  const { network, options } = downloading;
  await removeAbandoned(options.downloads);
  try {
    return await retrying(network.times, (progressed) => attempt(downloading, progressed), options.signal);
  } catch (error) {
    throw diskFailure(error, options.downloads);
  }
}
