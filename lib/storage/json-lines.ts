import type { Ref } from '../../contracts/refs';
import { canonicalJson } from './canonical-json';
import { parseDocument, readRef, requireStoreKey, type Parser } from './refs';
import type { Store } from './store';

/** One JSON document a line, so that a list of any length is read and written a line at a time. */
export function encodeLines(values: Iterable<unknown>): Buffer {
  const lines: string[] = [];
  for (const value of values) lines.push(`${canonicalJson(value)}\n`);
  return Buffer.from(lines.join(''));
}

/** @throws Error as {@link parseDocument}, naming the line */
export function decodeLines<T>(bytes: Buffer, schema: Parser<T>, name: string): T[] {
  const values: T[] = [];
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(10, from);
    const to = end === -1 ? bytes.length : end;
    if (to > from) values.push(parseDocument(bytes.subarray(from, to), schema, `${name}, line ${line},`));
    from = to + 1;
  }
  return values;
}

/** @throws Failure as `readRef`; Error as {@link decodeLines} */
export async function readLines<T>(store: Store, ref: Ref, schema: Parser<T>): Promise<T[]> {
  return decodeLines(await readRef(store, ref), schema, requireStoreKey(ref));
}
