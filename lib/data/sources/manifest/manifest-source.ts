import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Failure } from '../../../../contracts/failures';
import type { SourceConfig } from '../../../../contracts/schemas/pipeline';
import { type ForeignBucket, openForeignBucket } from '../../../storage/foreign-bucket';
import { bucketOptions } from '../bucket-place';
import { isAllowed } from '../local-path';
import { authorizationOf, networkOf } from '../network-of';
import { readFileInside } from '../read-file';
import { readObject } from '../read-object';
import type { Source, SourceOptions, SourcePicture } from '../source';
import { createFetchPicture } from './fetch-picture';
import { type Location, locationOf, type ManifestPlace } from './locations';
import { readRows } from './rows';

/** A manifest that is on this machine, whatever its place. */
interface Brought {
  readonly file: string;
  readonly kind: 'csv' | 'jsonl';
}

export interface OpeningManifest {
  readonly config: SourceConfig;
  readonly options: SourceOptions;
  readonly place: ManifestPlace;
  /** Whose it is: Markdown. */
  readonly licences: string;
  /** Brings it to this machine. */
  readonly bring: () => Promise<Brought>;
  readonly forget?: (() => Promise<void>) | undefined;
}

type ReadLocation = (location: Location) => Promise<Buffer>;

function createReader({ config, options }: Pick<OpeningManifest, 'config' | 'options'>): ReadLocation {
  const buckets = new Map<string, ForeignBucket>();
  const authorization = authorizationOf(config, options);
  const fetchPicture = createFetchPicture(networkOf(options), { authorization, signal: options.signal });
  return async (location) => {
    switch (location.at) {
      case 'nowhere':
        throw new Failure('path-refused', `Found a row that is refused: ${location.wrong}.`);
      case 'disk':
        return readFileInside(location.file, (real) => isAllowed(real, options.allowedRoots));
      case 'web':
        return fetchPicture(location.url);
      case 'bucket': {
        const { bucket: name, key } = location.place;
        const bucket = buckets.get(name) ?? openForeignBucket(name, bucketOptions(options));
        buckets.set(name, bucket);
        const object = await bucket.look(key);
        if (object === undefined) throw new Failure('picture-unreadable', 'Found no object of that name.');
        return readObject(bucket, object);
      }
    }
  };
}

/** Of a file on disk its size and times; of others, what the manifest says of their bytes, if anything. */
async function stampOf(
  location: Location,
  sha256: string | undefined,
  { allowedRoots }: SourceOptions,
): Promise<string | undefined> {
  if (sha256 !== undefined) return sha256;
  // Of a file that may not be read, not even its size is to be known.
  if (location.at !== 'disk' || !(await isAllowed(location.file, allowedRoots))) return undefined;
  const info = await stat(location.file).catch(() => undefined);
  return info && `${info.size} ${info.mtimeMs} ${info.ctimeMs}`;
}

function requireSum(bytes: Buffer, sha256: string | undefined): Buffer {
  if (sha256 === undefined || createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw new Failure('picture-unreadable', 'Found other bytes than the manifest says: the SHA-256 differs.');
}

function refused(path: string, message: string): SourcePicture {
  return { path, bytes: () => Promise.reject(new Failure('path-refused', message)) };
}

/**
 * A manifest: a table with one picture a row, its label given.
 *
 * @throws Failure `source-invalid` where the source names a secret that is not there; from its methods where the
 *   manifest as a whole cannot be read. A wrong row is a picture with that reason.
 */
export function openManifest(opening: OpeningManifest): Source {
  const { config, options, place, licences, bring, forget } = opening;
  const { limits, signal } = options;
  const read = createReader(opening);

  async function* pictures(): AsyncGenerator<SourcePicture, void, undefined> {
    const { file, kind } = await bring();
    const lines = new Map<string, number>();
    for await (const { line, ...found } of readRows(file, kind)) {
      signal?.throwIfAborted();
      if (lines.size >= limits.files) {
        throw new Failure(
          'source-invalid',
          `The manifest has more than ${limits.files} rows. Raise DROVER_MAX_SOURCE_FILES where it may.`,
        );
      }
      const unnamed = `line ${line} of the manifest`;
      if (!('row' in found)) {
        lines.set(unnamed, line);
        yield refused(unnamed, `Line ${line} of the manifest is wrong: ${found.wrong}.`);
        continue;
      }
      const { label, split, group, sha256 } = found.row;
      const location = locationOf(found.row, place);
      const path = location.name === '' ? unnamed : location.name;
      const before = lines.get(path);
      if (before !== undefined) {
        lines.set(`${path} (line ${line})`, line);
        yield refused(
          `${path} (line ${line})`,
          `Line ${line} of the manifest names the same as line ${before}.`,
        );
        continue;
      }
      lines.set(path, line);
      const stamp = await stampOf(location, sha256, options);
      yield {
        path,
        ...(label !== undefined && { label }),
        ...(split !== undefined && { split }),
        ...(group !== undefined && { group }),
        ...(stamp !== undefined && { stamp }),
        bytes: async () => requireSum(await read(location), sha256),
      };
    }
  }

  return {
    uri: config.uri,
    labelled: 'given',
    licences,

    /** Of the manifest and of its files on disk. Of a picture elsewhere without its sum, nobody can tell. */
    async fingerprint() {
      const { file, kind } = await bring();
      const hash = createHash('sha256');
      for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) hash.update(piece);
      for await (const found of readRows(file, kind)) {
        signal?.throwIfAborted();
        if (!('row' in found)) continue;
        const location = locationOf(found.row, place);
        if (location.at === 'nowhere') continue;
        const stamp = await stampOf(location, found.row.sha256, options);
        if (stamp === undefined && location.at !== 'disk') return undefined;
        hash.update(JSON.stringify([location.name, stamp]));
      }
      return hash.digest('hex');
    },

    pictures,
    ...(forget && { forget }),
  };
}
