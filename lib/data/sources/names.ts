import { createHash } from 'node:crypto';

const longestName = 1024;
const longestSegment = 255;

/** An entry's name in an archive: a path to go by, or why it is refused and what to call it in a report. */
export type EntryName =
  | { readonly path: string; readonly refused?: undefined }
  | { readonly path: string; readonly refused: string };

/** Half a surrogate pair becomes U+FFFD. */
function wellFormed(name: string): string {
  return Buffer.from(name).toString();
}

/** Why a name is none, or undefined. Nothing is written under these names; but reports show them. */
function wrongWith(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.includes('\0')) return 'it holds a NUL character';
  if (/[\p{Cc}]/u.test(name)) return 'it holds a control character';
  if (name.includes('\ufffd') || wellFormed(name) !== name) return 'it is not valid Unicode';
  if (name.includes('\\')) return 'it holds a backslash';
  if (/^[a-z]:/i.test(name)) return 'it begins with a drive letter';
  if (name.startsWith('/')) return 'it is an absolute path';
  if (name.endsWith('/')) return 'it is a folder’s';
  if (Buffer.byteLength(name) > longestName) return `it is longer than ${longestName} bytes`;
  const segments = name.split('/');
  if (segments.includes('..')) return 'it holds ".."';
  if (segments.some((segment) => Buffer.byteLength(segment) > longestSegment)) {
    return `a part of it is longer than ${longestSegment} bytes`;
  }
  return undefined;
}

/**
 * Judges a name. A refused one becomes one segment of plain ASCII, so that it disturbs no reading of folders:
 * percent-encoded, and cut off with a digest where it is long.
 */
export function entryName(name: string): EntryName {
  // tar writes ./cat/a.jpg where it was given a dot.
  const tidy = name.replace(/^(?:\.\/+)+/, '').replace(/\/{2,}/g, '/');
  const refused = wrongWith(tidy);
  if (refused === undefined)
    return {
      path: tidy
        .split('/')
        .filter((part) => part !== '.')
        .join('/')
        .normalize('NFC'),
    };
  const plain = encodeURIComponent(wellFormed(name));
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return { path: plain.length <= 120 ? plain : `${plain.slice(0, 100)}-${digest}`, refused };
}
