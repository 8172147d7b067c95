/**
 * JSON with its keys in order and no spaces, so that equal values have equal bytes, and with that equal
 * digests. Follows RFC 8785 (JSON Canonicalization Scheme): keys sorted by their UTF-16 code units, numbers
 * as ECMAScript writes them. Properties that are undefined are left out.
 *
 * @throws TypeError where a value has no JSON form that would read back the same: NaN, Infinity, bigint,
 *   a function, a symbol, undefined in an array, or an instance of a class
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** Where in the value the writing is, for a message: put together only there, for values have millions of numbers. */
type Path = (string | number)[];

const told = (path: Path): string =>
  path.reduce<string>((text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`), '$');

function write(value: unknown, path: Path): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${told(path)} is ${value}, which JSON can't hold.`);
    // As JSON.stringify writes it, and several times as fast.
    return String(value);
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, index) => writeAt(index, item, path)).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${writeAt(key, member, path)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(
    `${told(path)} is of a kind that JSON can't hold: ${Object.prototype.toString.call(value)}.`,
  );
}

function writeAt(step: string | number, value: unknown, path: Path): string {
  path.push(step);
  const text = write(value, path);
  path.pop();
  return text;
}

/** Whether it is an object as a literal or `JSON.parse` makes it, also in another realm (Jest has several). */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
