import type { Request } from 'express';
import { Failure } from '../contracts/failures';
import { BodyTooLarge, readBody } from './body';
import { boundaryOf, MalformedMultipart, type Part, readParts } from './multipart';

/** The multipart field that holds the picture, as the original's clients send it. */
export const pictureField = 'image';

/** A picture as it was sent, not yet looked at. */
export interface UploadedPicture {
  readonly bytes: Buffer;
  /** What its sender calls it, never to be used as a path; undefined where it has no name. */
  readonly name: string | undefined;
}

const example = 'For example: curl -X POST …/get_prediction -F "image=@cat.png"';

/** What a multipart body may take beside its files: boundaries, headers, a few small fields. */
const multipartOverheadBytes = 64 * 1024;
/** Text fields that may stand beside the pictures, and the length of each. */
export const mostFields = 8;
const longestField = 4096;

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

/**
 * Takes the one picture out of a request: of a multipart body the file in the field `image`, of an `image/*`
 * body the whole. It is held in memory, and never more of it than `maxBytes`.
 *
 * @throws Failure `picture-missing`, `picture-field`, `picture-too-large`, `request-invalid`; {@link ClientGone}.
 */
export async function readPicture(request: Request, maxBytes: number): Promise<UploadedPicture> {
  const type = request.get('content-type');
  if (type !== undefined && isMultipart(type)) {
    const [picture] = await readMultipart(request, type, { maxBytes, most: 1, maxTotalBytes: maxBytes });
    if (picture !== undefined) return picture;
  } else if (typeof request.is('image/*') === 'string') return readRaw(request, maxBytes);
  const found =
    type === undefined ? 'The request names no Content-Type' : `The Content-Type is ${quoted(type)}`;
  throw new Failure(
    'picture-missing',
    `${found}; a picture is expected as multipart/form-data, in the field "${pictureField}", or as an image/* body. ${example}`,
  );
}

export function isMultipart(type: string): boolean {
  return /^multipart\/form-data\s*(;|$)/i.test(type.trim());
}

interface PictureLimits {
  /** Of one picture. */
  readonly maxBytes: number;
  /** Pictures. */
  readonly most: number;
  /** Of all together. */
  readonly maxTotalBytes: number;
}

/**
 * The pictures of a multipart body: all the files in the field `image`, at least one.
 *
 * @throws As {@link readPicture}.
 */
export async function readMultipart(
  request: Request,
  type: string,
  { maxBytes, most, maxTotalBytes }: PictureLimits,
): Promise<UploadedPicture[]> {
  refuseEncoding(request);
  const boundary = boundaryOf(type);
  if (boundary === undefined) {
    throw new Failure('request-invalid', `The Content-Type names no boundary. ${example}`);
  }
  const body = await bounded(readBody(request, maxTotalBytes + multipartOverheadBytes), maxTotalBytes);
  const parts = parse(body, boundary, most);
  const files = parts.filter(({ filename }) => filename !== undefined);
  const stranger = files.find(({ name }) => name !== pictureField);
  if (stranger !== undefined) {
    throw new Failure(
      'picture-field',
      `A file was found in the field ${quoted(stranger.name)}, but it is expected in "${pictureField}". ${example}`,
    );
  }
  if (files.length > most) {
    throw new Failure(
      'request-invalid',
      most === 1
        ? 'More than one file was found; send one picture a request, or several to /v1/predictions.'
        : `${files.length} files were found; send at most ${most} a request.`,
    );
  }
  const texts = parts.filter(({ filename }) => filename === undefined);
  if (texts.length > mostFields) {
    throw new Failure(
      'request-invalid',
      `${texts.length} fields of text were found; at most ${mostFields} are read.`,
    );
  }
  const long = texts.find(({ data }) => data.length > longestField);
  if (long !== undefined) {
    throw new Failure(
      'request-invalid',
      `The field ${quoted(long.name)} is too long; at most ${longestField} bytes are read.`,
    );
  }
  if (files.length === 0) throw noFile(texts);
  const large = files.find(({ data }) => data.length > maxBytes);
  if (large !== undefined) throw tooLarge(maxBytes);
  // A thread is sent all memory that a view is of: each of several would bring along all others.
  const own = files.length === 1 ? (data: Buffer) => data : withOwnMemory;
  return files.map(({ data, filename }) => ({ bytes: own(data), name: filename || undefined }));
}

function withOwnMemory(view: Buffer): Buffer {
  return Buffer.from(new Uint8Array(view).buffer);
}

function parse(body: Buffer, boundary: string, most: number): Part[] {
  try {
    // A part more than may be, so that the reason given is the right one.
    return readParts(body, boundary, most + mostFields + 1);
  } catch (error) {
    if (!(error instanceof MalformedMultipart)) throw error;
    throw new Failure('request-invalid', `The multipart body is malformed: ${error.message}. ${example}`, {
      cause: error,
    });
  }
}

function noFile(texts: readonly Part[]): Failure {
  const names = texts.map(({ name }) => name);
  if (names.includes(pictureField)) {
    return new Failure(
      'picture-field',
      `The field "${pictureField}" holds text; it should hold a file (with curl, an @ before its name). ${example}`,
    );
  }
  const found =
    names.length === 0 ? 'no field at all' : `only the text of ${names.slice(0, 8).map(quoted).join(', ')}`;
  return new Failure(
    'picture-missing',
    `The multipart body holds ${found}; a file is expected in the field "${pictureField}". ${example}`,
  );
}

async function readRaw(request: Request, maxBytes: number): Promise<UploadedPicture> {
  refuseEncoding(request);
  const bytes = await bounded(readBody(request, maxBytes), maxBytes);
  if (bytes.length > 0) return { bytes, name: undefined };
  throw new Failure('picture-missing', `The body is empty; a picture is expected in it. ${example}`);
}

function refuseEncoding(request: Request): void {
  const encoding = request.get('content-encoding');
  if (encoding === undefined || encoding === 'identity') return;
  throw new Failure('request-invalid', 'A Content-Encoding is not accepted here; send the picture as it is.');
}

async function bounded(body: Promise<Buffer>, maxBytes: number): Promise<Buffer> {
  try {
    return await body;
  } catch (error) {
    throw error instanceof BodyTooLarge ? tooLarge(maxBytes) : error;
  }
}

function tooLarge(maxBytes: number): Failure {
  return new Failure(
    'picture-too-large',
    `A picture may have at most ${maxBytes} bytes here. Make it smaller.`,
  );
}
