import { randomUUID } from 'node:crypto';
import type { Bucket, File, Storage } from '@google-cloud/storage';
import { Failure } from '../../contracts/failures';
import { bucketFailure, requestCode } from './bucket-failures';
import { type BucketRetry, retryRequest, usualRetry } from './bucket-retry';
import { bytesOf } from './bucket-bytes';
import { nextPageToken, pageSize } from './bucket-pages';
import { requireKey, requirePrefix } from './keys';
import type { Generation, SizedKey, Store, Versioned } from './store';

export interface BucketStoreOptions {
  readonly bucket: string;
  /** Before every key, without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /**
   * A client, or what makes one at the first use. Its own retries must be off (`autoRetry: false`): they are
   * made here, where it is known which request was sent twice.
   */
  readonly storage: Storage | (() => Promise<Storage>);
  /** How often a request is sent, and the wait before the second time, which then doubles. */
  readonly retry?: BucketRetry;
  /** How long nothing may come of an object that is read. */
  readonly stallMs?: number;
}

/** Names the writer in an object's metadata, so that its own write is known again after a lost answer. */
const writerField = 'drover-writer';

/** A failed answer has none. */
function responseGeneration(response: unknown): Generation | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('x-goog-generation' in headers)) return undefined;
  return String(headers['x-goog-generation']);
}

/** Bytes and generation from one answer: two requests could see two different writes. */
async function download(file: File, stallMs?: number): Promise<Versioned> {
  const stream = file.createReadStream();
  let generation: Generation | undefined;
  stream.on('response', (response: unknown) => {
    generation ??= responseGeneration(response);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of bytesOf(stream, stallMs)) chunks.push(chunk);
  if (generation === undefined) throw new Error(`The answer for ${file.name} names no generation.`);
  return { bytes: Buffer.concat(chunks), generation };
}

/** A store in a Google Cloud Storage bucket, held together by generation preconditions. */
export function createBucketStore(options: BucketStoreOptions): Store {
  const { prefix, retry = usualRetry } = options;
  const location = `gs://${options.bucket}${prefix === '' ? '' : `/${prefix}`}`;
  const before = prefix === '' ? '' : `${prefix}/`;
  let client: Promise<Storage> | undefined;

  async function openBucket(): Promise<Bucket> {
    client ??= typeof options.storage === 'function' ? options.storage() : Promise.resolve(options.storage);
    return (await client).bucket(options.bucket);
  }

  function withRetries<T>(key: string, request: (attempt: number) => Promise<T>): Promise<T> {
    return retryRequest(retry, request, (error) => bucketFailure(error, location, key));
  }

  async function at<T>(key: string, request: (file: File, attempt: number) => Promise<T>): Promise<T> {
    requireKey(key);
    const bucket = await openBucket();
    // A fresh File each time: the client keeps metadata, generation included, in it.
    return withRetries(key, (attempt) => request(bucket.file(before + key), attempt));
  }

  function readVersioned(key: string): Promise<Versioned | undefined> {
    return at(key, async (file) => {
      try {
        return await download(file, options.stallMs);
      } catch (error) {
        if (requestCode(error) === 404) return undefined;
        throw error;
      }
    });
  }

  /** The generation that was written, or undefined where another's is there. */
  async function writeIf(
    key: string,
    bytes: Uint8Array,
    ifGenerationMatch: string | 0,
  ): Promise<Generation | undefined> {
    const writer = randomUUID();
    return at(key, async (file, attempt) => {
      try {
        await upload(file, bytes, { preconditionOpts: { ifGenerationMatch }, writer });
        return String(file.metadata.generation);
      } catch (error) {
        if (requestCode(error) !== 412) throw error;
        if (attempt === 1) return undefined;
        // An earlier attempt may have been carried out and only its answer lost: then the object is ours.
        const [metadata] = await file.getMetadata();
        return metadata.metadata?.[writerField] === writer ? String(metadata.generation) : undefined;
      }
    });
  }

  async function* listSizes(keyPrefix: string): AsyncIterable<SizedKey> {
    requirePrefix(keyPrefix);
    const bucket = await openBucket();
    let pageToken: string | undefined;
    do {
      const query = { prefix: before + keyPrefix, autoPaginate: false, maxResults: pageSize, pageToken };
      const [files, next] = await withRetries(keyPrefix, () => bucket.getFiles(query));
      for (const file of files) {
        yield { key: file.name.slice(before.length), bytes: Number(file.metadata.size ?? 0) };
      }
      pageToken = nextPageToken(next);
    } while (pageToken !== undefined);
  }

  return {
    location,

    async read(key) {
      const found = await readVersioned(key);
      if (found === undefined) throw new Failure('not-found', `There is no ${key} in ${location}.`);
      return found.bytes;
    },

    readVersioned,

    exists: (key) => at(key, async (file) => (await file.exists())[0]),

    size: (key) =>
      at(key, async (file) => {
        try {
          return Number((await file.getMetadata())[0].size);
        } catch (error) {
          if (requestCode(error) === 404) return undefined;
          throw error;
        }
      }),

    async write(key, bytes) {
      await at(key, (file) => upload(file, bytes, {}));
    },

    create: async (key, bytes) => (await writeIf(key, bytes, 0)) !== undefined,

    compareAndSwap: (key, bytes, expected) => writeIf(key, bytes, expected ?? 0),

    async *list(keyPrefix) {
      for await (const { key } of listSizes(keyPrefix)) yield key;
    },

    listSizes,

    async remove(key) {
      await at(key, (file) => file.delete({ ignoreNotFound: true }));
    },
  };
}

async function upload(
  file: File,
  bytes: Uint8Array,
  options: { preconditionOpts?: { ifGenerationMatch: string | 0 }; writer?: string },
): Promise<void> {
  const { writer, preconditionOpts = {} } = options;
  await file.save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    // In one request, which is atomic; a resumable upload's failed precondition is no Error in this client.
    resumable: false,
    // After a mismatch this client deletes the object without a precondition, perhaps another writer's.
    // What was sent is checked by every reader instead: refs hold SHA-256.
    validation: false,
    contentType: 'application/octet-stream',
    preconditionOpts,
    ...(writer !== undefined && { metadata: { metadata: { [writerField]: writer } } }),
  });
}
