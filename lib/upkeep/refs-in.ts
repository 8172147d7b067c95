import { storeUri, type Ref } from '../../contracts/refs';
import { decodeLines } from '../storage/json-lines';
import { blobKey } from '../storage/refs';

const digestPattern = /^[0-9a-f]{64}$/;
const manifestPattern = /^datasets\/[^/]+\/[0-9a-f]{64}\/manifest\.jsonl$/;

/** Every ref that a document of the store holds, wherever in it; undefined where it is not whole JSON, or JSON lines. */
export function refsIn(key: string, bytes: Buffer): readonly Ref[] | undefined {
  try {
    // A manifest of millions of pictures is longer than a string can be; its lines are not.
    const values: unknown[] = key.endsWith('.jsonl')
      ? decodeLines(bytes, { parse: (value) => value }, key)
      : [JSON.parse(bytes.toString('utf8'))];
    if (manifestPattern.test(key)) return values.flatMap(pictureOf);
    const refs: Ref[] = [];
    for (const value of values) collect(value, refs);
    return refs;
  } catch {
    return undefined;
  }
}

/** A manifest names its pictures by their digests alone. */
function pictureOf(value: unknown): Ref[] {
  if (typeof value !== 'object' || value === null || !('sha256' in value)) return [];
  const { sha256 } = value;
  return typeof sha256 === 'string' && digestPattern.test(sha256)
    ? [{ uri: storeUri(blobKey(sha256)), sha256 }]
    : [];
}

function collect(value: unknown, refs: Ref[]): void {
  if (typeof value !== 'object' || value === null) return;
  if ('uri' in value && 'sha256' in value) {
    const { uri, sha256 } = value;
    if (typeof uri === 'string' && typeof sha256 === 'string' && digestPattern.test(sha256)) {
      refs.push({ uri, sha256 });
    }
  }
  for (const inner of Object.values(value)) collect(inner, refs);
}
