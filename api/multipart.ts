/** A part of a multipart body. */
export interface Part {
  /** Of the form's field. */
  readonly name: string;
  /** As its sender calls it; undefined for a field that holds no file. Never a path to be used. */
  readonly filename: string | undefined;
  /** A view of the body, not a copy. */
  readonly data: Buffer;
}

/** A body that is not as RFC 7578 has it; the message says why. */
export class MalformedMultipart extends Error {
  override readonly name = 'MalformedMultipart';
}

/** What the headers of one part may take, in bytes. */
const mostHeaderBytes = 16 * 1024;
const longestName = 100;
const lineEnd = Buffer.from('\r\n');
const headersEnd = Buffer.from('\r\n\r\n');
const dashes = Buffer.from('--');

/** The boundary that a Content-Type names (RFC 2046, section 5.1.1). */
export function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;",]{1,70}))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/**
 * The parts of a multipart body that is in memory as a whole (RFC 7578). Beside a parser of streams it has little to do: the boundaries
 * are found by the engine's own search, and nothing is copied. What that saves a request: docs/decisions/0010-serving.md.
 *
 * @param most - Parts; more are an error.
 * @throws MalformedMultipart
 */
export function readParts(body: Buffer, boundary: string, most: number): Part[] {
  const first = Buffer.from(`--${boundary}`, 'latin1');
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts: Part[] = [];
  let at = startOf(body, first, delimiter);
  for (;;) {
    if (startsWith(body, dashes, at)) return parts;
    at = skipPadding(body, at);
    if (!startsWith(body, lineEnd, at))
      throw new MalformedMultipart('its boundary is not followed by a line end');
    if (parts.length === most) throw new MalformedMultipart(`it has more than ${most} parts`);
    // From the boundary's own line end: a part may have no headers at all.
    const end = body.indexOf(headersEnd, at);
    if (end < 0 || end - at > mostHeaderBytes) {
      throw new MalformedMultipart(end < 0 ? 'it is cut off' : "a part's headers are too long");
    }
    const next = body.indexOf(delimiter, end + lineEnd.length);
    if (next < 0) throw new MalformedMultipart('it is cut off');
    const from = Math.min(end + headersEnd.length, next);
    const headers = body.toString('utf8', at + lineEnd.length, Math.max(end, at + lineEnd.length));
    parts.push({ ...fieldOf(headers), data: body.subarray(from, next) });
    at = next + delimiter.length;
  }
}

/** Where the first boundary has ended; a preamble before it is ignored, as RFC 2046 has it. */
function startOf(body: Buffer, first: Buffer, delimiter: Buffer): number {
  if (startsWith(body, first, 0)) return first.length;
  const found = body.indexOf(delimiter);
  if (found < 0) throw new MalformedMultipart('its boundary is not found in it');
  return found + delimiter.length;
}

function startsWith(body: Buffer, wanted: Buffer, at: number): boolean {
  return (
    body.length >= at + wanted.length && body.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0
  );
}

/** Spaces and tabs that a boundary may be followed by. */
function skipPadding(body: Buffer, at: number): number {
  let end = at;
  while (body[end] === 0x20 || body[end] === 0x09) end += 1;
  return end;
}

/** What a part's `Content-Disposition` says of it. */
function fieldOf(headers: string): Pick<Part, 'name' | 'filename'> {
  const encoding = /^content-transfer-encoding:\s*([^\s;]+)/im.exec(headers)?.[1]?.toLowerCase();
  if (encoding !== undefined && !['binary', '7bit', '8bit'].includes(encoding)) {
    throw new MalformedMultipart('a part has a Content-Transfer-Encoding, which is not read');
  }
  const disposition = /^content-disposition:\s*form-data\s*(;[^\r\n]*)/im.exec(headers)?.[1];
  const parameters = parametersOf(disposition ?? '');
  const name = parameters.get('name');
  if (name === undefined) {
    throw new MalformedMultipart('a part has no Content-Disposition of form-data with a name');
  }
  if (name.length > longestName) throw new MalformedMultipart('the name of a field is too long');
  // A name in another encoding (`filename*`) says as well that it is a file.
  const filename = parameters.get('filename') ?? (parameters.has('filename*') ? '' : undefined);
  return { name, filename };
}

/**
 * One after the other, so that what stands in quotes is never taken for a parameter of its own: whoever checks forms in front of this must not
 * read another field than is read here.
 */
function parametersOf(disposition: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const each = /\s*;\s*([^\s;="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/y;
  for (let found = each.exec(disposition); found !== null; found = each.exec(disposition)) {
    const name = (found[1] ?? '').toLowerCase();
    if (parameters.has(name)) {
      throw new MalformedMultipart('a part says twice what its Content-Disposition may say once');
    }
    parameters.set(name, found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '');
  }
  return parameters;
}
