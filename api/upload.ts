import express, { type Request, type Response } from 'express';
import multer, { MulterError } from 'multer';
import { Failure } from '../contracts/failures';

/** The multipart field that holds the picture, as the original's clients send it. */
export const pictureField = 'image';

const example = 'For example: curl -X POST …/get_prediction -F "image=@cat.png"';

/** What a multipart body may take beside its one file: boundaries, headers, a few small fields. */
const multipartOverheadBytes = 64 * 1024;

type Middleware = (request: Request, response: Response, next: (error?: unknown) => void) => void;

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

function run(middleware: Middleware, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    middleware(request, response, (error) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('the body could not be read', { cause: error }));
    });
  });
}

/**
 * Takes the picture out of a request: of a multipart body the file in the field `image`, of an `image/*`
 * body the whole. It is held in memory, and never more of it than `maxBytes`.
 *
 * @returns a function that gives the picture's bytes, not yet looked at.
 *   It throws Failure `picture-missing`, `picture-field`, `picture-too-large`, `request-invalid`; {@link ClientGone}.
 */
export function createPictureReader(
  maxBytes: number,
): (request: Request, response: Response) => Promise<Buffer> {
  const multipart: Middleware = multer({
    storage: multer.memoryStorage(),
    limits: {
      files: 1,
      fileSize: maxBytes,
      fields: 8,
      fieldSize: 4096,
      fieldNameSize: 100,
      fieldNestingDepth: 1,
      parts: 9,
      headerPairs: 16,
    },
  }).single(pictureField);
  // Not inflated: a compressed body could be a thousand times larger than what was sent.
  const raw: Middleware = express.raw({ type: () => true, limit: maxBytes, inflate: false });

  function tooLarge(): Failure {
    return new Failure(
      'picture-too-large',
      `A picture may have at most ${maxBytes} bytes here. Make it smaller.`,
    );
  }

  function fromMultipart(error: unknown): Error {
    if (!(error instanceof MulterError)) {
      return new Failure('request-invalid', `The multipart body is malformed or cut off. ${example}`, {
        cause: error,
      });
    }
    if (error.code === 'LIMIT_FILE_SIZE') return tooLarge();
    if (error.code === 'LIMIT_UNEXPECTED_FILE' && error.field !== pictureField) {
      return new Failure(
        'picture-field',
        `A file was found in the field ${quoted(error.field ?? '')}, but it is expected in "${pictureField}". ${example}`,
      );
    }
    if (error.code === 'LIMIT_FILE_COUNT' || error.code === 'LIMIT_UNEXPECTED_FILE') {
      return new Failure('request-invalid', 'More than one file was found; send one picture a request.');
    }
    return new Failure(
      'request-invalid',
      `The multipart body is not as expected: ${error.message.toLowerCase()}. Send one file in the field "${pictureField}".`,
    );
  }

  function fromRaw(error: unknown): Error {
    const type = error instanceof Error && 'type' in error ? error.type : undefined;
    if (type === 'entity.too.large') return tooLarge();
    if (type === 'encoding.unsupported') {
      return new Failure(
        'request-invalid',
        'A Content-Encoding is not accepted here; send the picture as it is.',
      );
    }
    return error instanceof Error ? error : new Error('the body could not be read', { cause: error });
  }

  async function readMultipart(request: Request, response: Response): Promise<Buffer> {
    await run(multipart, request, response).catch((error: unknown) => {
      throw fromMultipart(error);
    });
    if (request.file !== undefined) return request.file.buffer;
    const body: unknown = request.body;
    const fields = typeof body === 'object' && body !== null ? Object.keys(body) : [];
    if (fields.includes(pictureField)) {
      throw new Failure(
        'picture-field',
        `The field "${pictureField}" holds text; it should hold a file (with curl, an @ before its name). ${example}`,
      );
    }
    const found =
      fields.length === 0
        ? 'no field at all'
        : `only the text of ${fields.slice(0, 8).map(quoted).join(', ')}`;
    throw new Failure(
      'picture-missing',
      `The multipart body holds ${found}; a file is expected in the field "${pictureField}". ${example}`,
    );
  }

  async function readRaw(request: Request, response: Response): Promise<Buffer> {
    await run(raw, request, response).catch((error: unknown) => {
      throw fromRaw(error);
    });
    const body: unknown = request.body;
    if (Buffer.isBuffer(body) && body.length > 0) return body;
    throw new Failure('picture-missing', `The body is empty; a picture is expected in it. ${example}`);
  }

  return async (request, response) => {
    const announced = Number(request.get('content-length') ?? 0);
    const isMultipart = typeof request.is('multipart/form-data') === 'string';
    if (announced > maxBytes + (isMultipart ? multipartOverheadBytes : 0)) throw tooLarge();
    try {
      if (isMultipart) return await readMultipart(request, response);
      if (typeof request.is('image/*') === 'string') return await readRaw(request, response);
    } catch (error) {
      if (request.destroyed && !request.complete)
        throw new ClientGone('The client went away', { cause: error });
      throw error;
    }
    const type = request.get('content-type');
    const found =
      type === undefined ? 'The request names no Content-Type' : `The Content-Type is ${quoted(type)}`;
    throw new Failure(
      'picture-missing',
      `${found}; a picture is expected as multipart/form-data, in the field "${pictureField}", or as an image/* body. ${example}`,
    );
  };
}
