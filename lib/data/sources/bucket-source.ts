import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures';
import { openForeignBucket, type BucketObject, type ForeignBucket } from '../../storage/foreign-bucket';
import { createEntryJudge } from './entries';
import type { Source, SourceOptions, SourcePicture } from './source';

/** A place in a bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly key: string;
}

/** @throws Failure `source-invalid` where the URI is not `gs://bucket` or `gs://bucket/prefix` */
export function parseBucketUri(uri: string): BucketPlace {
  const found = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/is.exec(uri);
  const bucket = found?.[1];
  if (bucket === undefined) {
    throw new Failure('source-invalid', 'The source is no valid gs:// address; expected gs://bucket/prefix.');
  }
  return { bucket, key: (found?.[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/** What says that an object's bytes are the same: its checksum, or where it has none its generation. */
function stampOf({ size, md5, crc32c, generation }: BucketObject): string {
  return `${size} ${md5 ?? crc32c ?? generation}`;
}

/** @throws Failure `picture-unreadable` where the object is no longer the one that was listed; as the bucket */
export async function readObject(bucket: ForeignBucket, object: BucketObject): Promise<Buffer> {
  const bytes = await bucket.read(object);
  if (bytes !== undefined) return bytes;
  throw new Failure(
    'picture-unreadable',
    'Found an object that was replaced or removed while the bucket was read, or whose bytes are not those of its checksum.',
  );
}

/**
 * Objects below a prefix, with one folder a class as in a folder.
 *
 * @throws Failure `source-invalid` where the address is none
 */
export function openBucketSource(uri: string, options: SourceOptions): Source {
  const { gcsEndpoint, limits, signal } = options;
  const place = parseBucketUri(uri);
  const bucket = openForeignBucket(place.bucket, {
    gcsEndpoint,
    retry: options.times && {
      attempts: options.times.attempts ?? 6,
      firstWaitMs: options.times.firstWaitMs ?? 250,
    },
  });
  const before = place.key === '' ? '' : `${place.key}/`;

  async function* list(): AsyncIterable<BucketObject> {
    let objects = 0;
    for await (const object of bucket.list(before)) {
      signal?.throwIfAborted();
      objects += 1;
      if (objects > limits.files) {
        throw new Failure(
          'source-invalid',
          `There are more than ${limits.files} objects below it. Raise DROVER_MAX_SOURCE_FILES where there may.`,
        );
      }
      yield object;
    }
    if (objects === 0) {
      throw new Failure(
        'source-invalid',
        `There is nothing below ${before === '' ? 'it' : JSON.stringify(before)} in gs://${place.bucket}. ` +
          'Check the prefix: it is a folder, and case matters.',
      );
    }
  }

  return {
    uri,
    labelled: 'by-folder',
    licences: 'As given by whoever filled the bucket; Drover knows nothing of it.',

    async fingerprint() {
      const hash = createHash('sha256');
      for await (const object of list()) hash.update(JSON.stringify([object.name, stampOf(object)]));
      return hash.digest('hex');
    },

    async *pictures(): AsyncIterable<SourcePicture> {
      const judge = createEntryJudge();
      for await (const object of list()) {
        const picture = judge({
          name: object.name.slice(before.length),
          size: object.size,
          // What consoles make to show an empty folder.
          isFolder: object.name.endsWith('/'),
          stamp: stampOf(object),
          bytes: () => readObject(bucket, object),
        });
        if (picture !== undefined) yield picture;
      }
    },
  };
}
