/**
 * JSON with its keys in order and no spaces, so that equal values have equal bytes, and with that equal
 * digests. Follows RFC 8785 (JSON Canonicalization Scheme): keys sorted by their UTF-16 code units, numbers
 * as ECMAScript writes them. Properties that are undefined are left out.
 *
 * @throws TypeError where a value has no JSON form that would read back the same: NaN, Infinity, bigint,
 *   a function, a symbol, undefined in an array, or an instance of a class
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path} is ${value}, which JSON can't hold.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown, index) => write(item, `${path}[${index}]`)).join(',')}]`;
  }
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`${path} is of a kind that JSON can't hold: ${Object.prototype.toString.call(value)}.`);
}

/** Whether it is an object as a literal or `JSON.parse` makes it, also in another realm (Jest has several). */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
