import { open } from 'node:fs/promises';
import { Failure } from '../../../contracts/failures';
import { type FileKind, kindByBytes, kindByName, kindBytes, kindByType } from './archive/kinds';
import type { DownloadRecord } from './download/record';

/** A file's name by `Content-Disposition`, for its ending alone. */
function nameIn(disposition: string | undefined): string {
  return /filename\*?=\s*(?:[\w-]+'[\w-]*')?"?([^";]+)/i.exec(disposition ?? '')?.[1]?.trim() ?? '';
}

/** What a file is by its address, or by what the host says of it. */
export function kindBySaying(
  url: URL,
  said: Pick<DownloadRecord, 'type' | 'disposition'> | undefined,
): FileKind | undefined {
  return kindByName(url.pathname) ?? kindByName(nameIn(said?.disposition)) ?? kindByType(said?.type);
}

/**
 * What a downloaded file is: by its first bytes where they say it, for names and hosts may be wrong.
 *
 * @throws Failure `source-invalid` where it is nothing that is a source
 */
export async function kindOfDownloaded(file: string, url: URL, record: DownloadRecord): Promise<FileKind> {
  const handle = await open(file);
  const first = Buffer.alloc(kindBytes);
  const { bytesRead } = await handle.read(first, 0, kindBytes, 0).finally(() => handle.close());
  const kind = kindByBytes(first.subarray(0, bytesRead)) ?? kindBySaying(url, record);
  if (kind !== undefined) return kind;
  throw new Failure(
    'source-invalid',
    `${url.host} sent a file that is no archive (.zip, .tar, .tar.gz) and no manifest (.csv, .jsonl)` +
      `${/html/i.test(record.type ?? '') ? ', but a web page: it may want a log-in' : ''}. Check the address.`,
  );
}
