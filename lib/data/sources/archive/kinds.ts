/** What a file holds that is a source by itself. */
export type FileKind = 'zip' | 'tar' | 'tar.gz' | 'csv' | 'jsonl';

const byEnding: readonly (readonly [RegExp, FileKind])[] = [
  [/\.zip$/i, 'zip'],
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'tar.gz'],
  [/\.csv$/i, 'csv'],
  [/\.(?:jsonl|ndjson)$/i, 'jsonl'],
];

/** By its name's end. */
export function kindByName(name: string): FileKind | undefined {
  return byEnding.find(([ending]) => ending.test(name))?.[1];
}

const byType: ReadonlyMap<string, FileKind> = new Map([
  ['application/zip', 'zip'],
  ['application/x-zip-compressed', 'zip'],
  ['application/x-tar', 'tar'],
  ['application/x-gtar', 'tar'],
  ['application/gzip', 'tar.gz'],
  ['application/x-gzip', 'tar.gz'],
  ['application/x-compressed-tar', 'tar.gz'],
  ['text/csv', 'csv'],
  ['application/jsonl', 'jsonl'],
  ['application/x-ndjson', 'jsonl'],
  ['application/x-jsonlines', 'jsonl'],
]);

/** By a header `Content-Type`. */
export function kindByType(type: string | undefined): FileKind | undefined {
  return byType.get(type?.split(';')[0]?.trim().toLowerCase() ?? '');
}

/**
 * By the first 262 bytes or more. Text has no first bytes of its own.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3; POSIX.1-2017, `pax`; RFC 1952
 */
export function kindByBytes(first: Buffer): FileKind | undefined {
  const signature = first.subarray(0, 4).toString('latin1');
  if (signature === 'PK\x03\x04' || signature === 'PK\x05\x06') return 'zip';
  if (first[0] === 0x1f && first[1] === 0x8b) return 'tar.gz';
  if (first.subarray(257, 262).toString('latin1') === 'ustar') return 'tar';
  return undefined;
}

/** Bytes that {@link kindByBytes} wants to see. */
export const kindBytes = 512;

/** An archive inside an archive, by its name: it is named, and not opened. */
export const nestedArchive = /\.(?:zip|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|7z|rar|jar|cab|iso)$/i;
