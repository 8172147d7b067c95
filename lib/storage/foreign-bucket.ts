import { createHash } from 'node:crypto';
import type { Bucket, FileMetadata, Storage } from '@google-cloud/storage';
import { Failure } from '../../contracts/failures';
import { bytesOf, usualStallMs } from './bucket-bytes';
import { requestCode } from './bucket-failures';
import { nextPageToken, pageSize } from './bucket-pages';
import { type BucketRetry, retryRequest, usualRetry } from './bucket-retry';
import { openCrc32c } from './crc32c';
import { openGoogleClient } from './google-client';

/** An object as it was when it was listed. */
export interface BucketObject {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly generation: string;
  /** Base64; objects that were composed have none. */
  readonly md5: string | undefined;
  /** Base64. */
  readonly crc32c: string | undefined;
}

/** A bucket that is read and never written: somebody's pictures. */
export interface ForeignBucket {
  /** Objects in the order of their names, page by page. */
  list(prefix: string): AsyncIterable<BucketObject>;
  /** One object as it is now, or undefined where there is none. */
  look(name: string): Promise<BucketObject | undefined>;
  /**
   * Its bytes, checked against what was listed; undefined where it has been replaced or removed since, or where
   * what is there has other bytes than its checksum.
   */
  read(object: BucketObject): Promise<Buffer | undefined>;
  /**
   * Its bytes from `first` on, asked for once and unchecked.
   * @throws Failure `source-unavailable` also where it has been replaced or removed since: {@link look} tells which
   */
  stream(object: BucketObject, first: number): AsyncIterable<Buffer>;
}

export interface ForeignBucketOptions {
  /** Another address than Google's, without credentials: a bucket emulator's. */
  readonly gcsEndpoint?: string | undefined;
  readonly retry?: BucketRetry | undefined;
  /** How long nothing may come of an object that is read, in milliseconds. */
  readonly stallMs?: number | undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function objectOf({ name, size, generation, md5Hash, crc32c }: FileMetadata): BucketObject {
  return {
    name: String(name),
    size: Number(size ?? 0),
    generation: String(generation ?? ''),
    md5: text(md5Hash),
    crc32c: text(crc32c),
  };
}

/** What a failed request means for a source; a store's failures have other advice. */
function sourceFailure(error: unknown, bucket: string): unknown {
  if (error instanceof Failure) return error;
  const code = requestCode(error);
  const where = `gs://${bucket}`;
  if (code === 404) return new Failure('source-invalid', `There is no bucket ${where}.`, { cause: error });
  if (code === 400) {
    return new Failure(
      'source-invalid',
      `Google Cloud Storage does not understand what is asked of ${where}.`,
      {
        cause: error,
      },
    );
  }
  const lacksCredentials = error instanceof Error && error.message.includes('default credentials');
  if (code === 401 || code === 403 || lacksCredentials) {
    return new Failure(
      'source-invalid',
      `${where} may not be read${lacksCredentials ? ': there are no credentials' : ` (${code ?? ''})`}. Give the ` +
        'worker credentials that may list and read its objects (roles/storage.objectViewer): ' +
        '`gcloud auth application-default login`, or GOOGLE_APPLICATION_CREDENTIALS.',
      { cause: error },
    );
  }
  return new Failure(
    'source-unavailable',
    `${where} did not answer (${code ?? 'timeout'}). Check the network and https://status.cloud.google.com; it is ` +
      'tried again.',
    { cause: error },
  );
}

async function hasItsChecksum(bytes: Buffer, { md5, crc32c, size }: BucketObject): Promise<boolean> {
  if (bytes.length !== size) return false;
  if (md5 !== undefined) return createHash('md5').update(bytes).digest('base64') === md5;
  if (crc32c === undefined) return true;
  const sum = await openCrc32c();
  sum.update(bytes);
  return sum.toString() === crc32c;
}

/**
 * Opens a bucket to read. Nothing is asked of it yet.
 *
 * @throws Failure from its methods: `source-invalid` where there is no such bucket or it may not be read,
 *   `source-unavailable`
 */
export function openForeignBucket(
  name: string,
  { gcsEndpoint, retry = usualRetry, stallMs = usualStallMs }: ForeignBucketOptions = {},
): ForeignBucket {
  let client: Promise<Storage> | undefined;

  async function ask<T>(request: (bucket: Bucket) => Promise<T>): Promise<T> {
    client ??= openGoogleClient(gcsEndpoint);
    const bucket = (await client).bucket(name);
    return retryRequest(
      retry,
      () => request(bucket),
      (error) => sourceFailure(error, name),
    );
  }

  /** Undefined where there is more than was listed: it is another object, and nobody has to hold it. */
  async function once(bucket: Bucket, object: BucketObject): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of streamOf(bucket, object, 0)) {
      pieces.push(piece);
      length += piece.length;
      if (length > object.size) return undefined;
    }
    return Buffer.concat(pieces);
  }

  function streamOf(bucket: Bucket, { name: key, generation }: BucketObject, start: number) {
    const options = { validation: false, decompress: false, ...(start > 0 && { start }) };
    return bytesOf(bucket.file(key, { generation }).createReadStream(options), stallMs);
  }

  return {
    async *list(prefix) {
      let pageToken: string | undefined;
      do {
        const query = { prefix, autoPaginate: false, maxResults: pageSize, pageToken };
        const [files, next] = await ask((bucket) => bucket.getFiles(query));
        for (const file of files) yield objectOf(file.metadata);
        pageToken = nextPageToken(next);
      } while (pageToken !== undefined);
    },

    async *stream(object, first) {
      client ??= openGoogleClient(gcsEndpoint);
      try {
        yield* streamOf((await client).bucket(name), object, first);
      } catch (error) {
        if (requestCode(error) !== 404) throw sourceFailure(error, name);
        throw new Failure(
          'source-unavailable',
          `The object ${JSON.stringify(object.name)} in gs://${name} was replaced or removed while it was read. It is ` +
            'looked for again.',
          { cause: error },
        );
      }
    },

    look: (object) =>
      ask(async (bucket) => {
        try {
          const [metadata] = await bucket.file(object).getMetadata();
          return objectOf(metadata);
        } catch (error) {
          if (requestCode(error) === 404) return undefined;
          throw error;
        }
      }),

    read: (object) =>
      ask(async (bucket) => {
        try {
          const bytes = await once(bucket, object);
          if (bytes === undefined || (await hasItsChecksum(bytes, object))) return bytes;
          // On the way, or for good: a second reading tells.
          const again = await once(bucket, object);
          return again !== undefined && (await hasItsChecksum(again, object)) ? again : undefined;
        } catch (error) {
          if (requestCode(error) === 404) return undefined;
          throw error;
        }
      }),
  };
}
