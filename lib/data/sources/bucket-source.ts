import { createHash } from 'node:crypto';
import { Failure } from '../../../contracts/failures';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import { openForeignBucket, type BucketObject } from '../../storage/foreign-bucket';
import { bucketOptions, parseBucketUri } from './bucket-place';
import { bringObject, type BringingObject, forgetObject, lookAtObject } from './bring-object';
import { createEntryJudge } from './entries';
import { readObject } from './read-object';
import { openManifest } from './manifest/manifest-source';
import { openArchive } from './archive/archive-source';
import { type FileKind, kindByName } from './archive/kinds';
import type { Source, SourceOptions, SourcePicture } from './source';

/** What says that an object's bytes are the same: its checksum, or where it has none its generation. */
function stampOf({ size, md5, crc32c, generation }: BucketObject): string {
  return `${size} ${md5 ?? crc32c ?? generation}`;
}

const licences = 'As given by whoever filled the bucket; Drover knows nothing of it.';

/** An object that is a source by itself, by its name's end. */
function openObject(config: SourceConfig, kind: FileKind, bringing: BringingObject): Source {
  const { place, options } = bringing;
  const bring = () => bringObject(bringing);
  const forget = (): Promise<void> => forgetObject(bringing);
  if (kind === 'csv' || kind === 'jsonl') {
    return openManifest({
      ...{ config, options, licences, forget },
      place: { at: 'bucket', place },
      bring: async () => ({ file: await bring(), kind }),
    });
  }
  return openArchive({
    ...{ uri: config.uri, options, licences, forget },
    fingerprint: async () => stampOf(await lookAtObject(bringing)),
    bring: async () => ({ file: await bring(), kind }),
  });
}

/**
 * Objects below a prefix, with one folder a class as in a folder; or one object that is an archive or a manifest.
 *
 * @throws Failure `source-invalid` where the address is none
 */
export function openBucketSource(config: SourceConfig, options: SourceOptions): Source {
  const { uri } = config;
  const { limits, signal } = options;
  const place = parseBucketUri(uri);
  const bucket = openForeignBucket(place.bucket, bucketOptions(options));
  const kind = kindByName(place.key);
  if (kind !== undefined) return openObject(config, kind, { place, bucket, options });
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
    licences: licences,

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
