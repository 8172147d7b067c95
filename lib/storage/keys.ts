import { Failure } from '../../contracts/failures';

/** Segments that the folder store keeps for itself; refused in every store, so that a key fits them all. */
export const generationsSegment = '.generations';
export const temporarySegment = '.temporary';

/** The longest that both Google Cloud Storage (1,024 bytes of UTF-8) and common file systems take. */
const longestKey = 1024;
const longestSegment = 255;

const forbiddenCharacter = /[\p{Cc}\\]/u;

function reasonToRefuse(key: string): string | undefined {
  if (key === '') return 'it is empty';
  if (forbiddenCharacter.test(key)) return 'it holds a backslash or a control character';
  const bytes = Buffer.from(key);
  if (bytes.length > longestKey) return `it is longer than ${longestKey} bytes`;
  if (bytes.toString() !== key) return 'it is not valid Unicode';
  for (const segment of key.split('/')) {
    if (segment === '') return 'it begins or ends with a slash, or holds two in a row';
    if (segment === '.' || segment === '..') return `it holds the segment "${segment}"`;
    if (segment === generationsSegment || segment === temporarySegment) {
      return `the segment "${segment}" is kept for the store itself`;
    }
    if (Buffer.byteLength(segment) > longestSegment)
      return `a segment is longer than ${longestSegment} bytes`;
  }
  return undefined;
}

/** @throws Failure `path-refused` where `key` is not one that every store can hold. */
export function requireKey(key: string): void {
  const reason = reasonToRefuse(key);
  if (reason !== undefined) {
    throw new Failure(
      'path-refused',
      `Found a key that is refused: ${reason}. ` +
        'A key is a relative path with forward slashes, such as models/animals/card.md.',
    );
  }
}

/**
 * A prefix is the beginning of a key, so it may end anywhere, also with a slash or in mid-segment.
 * @throws Failure `path-refused`
 */
export function requirePrefix(prefix: string): void {
  if (prefix !== '') requireKey(`${prefix}…`);
}

/** An address's scheme, for messages. The address itself may hold a password, and is not echoed. */
export function kindOfAddress(address: string): string {
  const scheme = /^[a-z][a-z0-9+.-]{0,19}:\/\//i.exec(address)?.[0];
  return scheme ?? 'an address with no scheme';
}
