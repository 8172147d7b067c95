import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type ManifestRef, type PreparedRef, type Ref } from '../../contracts/refs';
import {
  refSchema,
  sha256Schema,
  splitNames,
  type ManifestEntry,
  type PreparedIndex,
} from '../../contracts/schemas/documents';
import { channelsOf } from '../../contracts/channels';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { stageVersions } from '../../contracts/stages';
import { decodePicture } from '../images/decode';
import { decoderVersion } from '../images/decoder-version';
import { blobKey, digestOf, parseDocument, putJson, putRef, readRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { mapConcurrently } from './concurrently';
import { putChunks, readChunk, type Chunk, type ChunkRef } from './examine';
import { classesOf, readManifest } from './manifest';
import { countPictures, requireTrainable } from './split';

const concurrency = 6;

/**
 * Some hundred prepared pictures, by their digests, whatever versions of the dataset they are in: that a
 * picture comes or goes, or changes its label or split, touches no other's pixels.
 */
const partSchema = z.strictObject({
  /** Missing where no picture of the chunk could be read. */
  shard: refSchema<'shard'>().optional(),
  /** In the order of the shard's records. */
  pictures: z.array(sha256Schema),
  /** Of each picture, a channel: the sum of its values and of their squares. Whole numbers, so that order does not matter. */
  sums: z.array(z.array(z.int())),
  squares: z.array(z.array(z.int())),
  rejected: z.array(z.strictObject({ sha256: sha256Schema, reason: z.string() })),
});
type Part = z.infer<typeof partSchema>;

/** Where a dataset's pictures lie prepared in one way, whatever its version. */
function poolFolder(name: string, preprocessing: Preprocessing): string {
  const key = digestOf({ revision: stageVersions.preprocess, decoder: decoderVersion, preprocessing });
  return `prepared/pools/${name}/${key.slice(0, 16)}`;
}

/** What one activity holds in memory, and one shard on the disk; a worker does as many at once as it has cores. */
const bytesAChunk = 32 * 1024 * 1024;

function picturesAChunk(preprocessing: Preprocessing): number {
  const bytes = preprocessing.size ** 2 * channelsOf(preprocessing);
  return Math.max(8, Math.min(256, Math.floor(bytesAChunk / bytes)));
}

/** By split, so that a reader of one finds its pictures together; then in the manifest's order. */
function preparationOrder(entries: readonly ManifestEntry[]): ManifestEntry[] {
  return splitNames.flatMap((split) => entries.filter((entry) => entry.split === split));
}

/**
 * The digest of all that a prepared set's bytes depend on, and its folder in the store, `prepared/<key>/`. The manifest's URI is one of them because the
 * index names its dataset.
 */
export function preparationKey(manifest: ManifestRef, preprocessing: Preprocessing): string {
  return digestOf({
    revision: stageVersions.preprocess,
    decoder: decoderVersion,
    manifest: { uri: manifest.uri, sha256: manifest.sha256 },
    preprocessing,
  });
}

export interface PreparationPlan {
  /** Pictures of the version, prepared before or not. */
  readonly pictures: number;
  /** What is still to be prepared. */
  readonly chunks: readonly Chunk[];
}

export interface Preparing {
  readonly store: Store;
  /** The dataset's name. */
  readonly name: string;
  readonly manifest: ManifestRef;
  readonly preprocessing: Preprocessing;
}

/** Divides the work of preparing a dataset version, less what an earlier version has left to be used. */
export async function planPreparation({
  store,
  name,
  manifest,
  preprocessing,
}: Preparing): Promise<PreparationPlan> {
  const entries = preparationOrder(await readManifest(store, manifest));
  const folder = poolFolder(name, preprocessing);
  const wanted = new Set(entries.map(({ sha256 }) => sha256));
  const there = new Set<string>();
  for (const part of await readParts(store, folder)) {
    const live = part.pictures.filter((sha256) => wanted.has(sha256));
    // A shard that is mostly of pictures gone by now would be read for little: its few are prepared anew.
    if (2 * live.length >= part.pictures.length) for (const sha256 of live) there.add(sha256);
    for (const { sha256 } of part.rejected) there.add(sha256);
  }
  const missing = [...wanted].filter((sha256) => !there.has(sha256));
  return {
    pictures: entries.length,
    chunks: await putChunks(store, folder, missing, picturesAChunk(preprocessing)),
  };
}

/**
 * Decodes one chunk's pictures and writes them with what the index needs to know of them. Done again, it
 * writes the same bytes, so it may be killed and repeated at will.
 *
 * @throws Failure `digest-mismatch`, `not-found`: a picture in the store is not what was ingested; the
 *   signal's reason. A picture that cannot be decoded is named in the part, and left out.
 */
export async function prepareChunk(options: {
  readonly store: Store;
  readonly name: string;
  readonly preprocessing: Preprocessing;
  readonly chunk: ChunkRef;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}): Promise<Ref<'part'>> {
  const { store, name, preprocessing, chunk, onProgress, signal } = options;
  const digests = await readChunk(store, chunk);
  let done = 0;
  const outcomes = await mapConcurrently(
    digests,
    concurrency,
    async (sha256) => {
      const outcome = await prepareOne(store, sha256, preprocessing);
      done += 1;
      onProgress?.({ done, total: digests.length, unit: 'pictures' });
      return outcome;
    },
    signal,
  );
  const decoded = outcomes.filter((outcome) => 'pixels' in outcome);
  const figures = decoded.map(({ pixels }) => sumPixels(pixels, channelsOf(preprocessing)));
  const place = `${poolFolder(name, preprocessing)}/%-${digestOf(digests).slice(0, 32)}`;
  const bytes = Buffer.concat(decoded.map(({ pixels }) => pixels));
  const part: Part = {
    ...(decoded.length > 0 && {
      shard: await putRef<'shard'>(store, `${place.replace('%', 'shard')}.bin`, bytes),
    }),
    pictures: decoded.map(({ sha256 }) => sha256),
    sums: figures.map(({ sums }) => sums),
    squares: figures.map(({ squares }) => squares),
    rejected: outcomes.filter((outcome) => 'reason' in outcome),
  };
  return putJson<'part'>(store, `${place.replace('%', 'part')}.json`, part);
}

/**
 * Pictures of a range of the version, in the order of the preparation.
 *
 * @throws Failure as {@link prepareChunk}
 */
export async function prepareRange(
  options: Omit<Preparing, 'name'> & {
    readonly first: number;
    readonly count: number;
    readonly onProgress?: (progress: ActivityProgress) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Ref<'part'>> {
  const { store, manifest, first, count, ...rest } = options;
  const entries = preparationOrder(await readManifest(store, manifest)).slice(first, first + count);
  const name = /^store:\/\/datasets\/([^/]+)\//.exec(manifest.uri)?.[1] ?? '';
  const folder = poolFolder(name, rest.preprocessing);
  const [chunk] = await putChunks(store, folder, [...new Set(entries.map(({ sha256 }) => sha256))]);
  if (chunk === undefined) throw new Error('A range of no pictures cannot be prepared.');
  return prepareChunk({ store, name, chunk: chunk.chunk, ...rest });
}

async function prepareOne(
  store: Store,
  sha256: string,
  preprocessing: Preprocessing,
): Promise<
  | { readonly sha256: string; readonly pixels: Uint8Array }
  | { readonly sha256: string; readonly reason: string }
> {
  const bytes = await readRef(store, { uri: storeUri(blobKey(sha256)), sha256 });
  try {
    return { sha256, pixels: await decodePicture(bytes, preprocessing) };
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== 'picture-unreadable') throw error;
    return { sha256, reason: error.message };
  }
}

function sumPixels(pixels: Uint8Array, channels: number): { sums: number[]; squares: number[] } {
  const sums = new Array<number>(channels).fill(0);
  const squares = new Array<number>(channels).fill(0);
  for (let channel = 0; channel < channels; channel += 1) {
    let sum = 0;
    let square = 0;
    for (let at = channel; at < pixels.length; at += channels) {
      const value = pixels[at] ?? 0;
      sum += value;
      square += value * value;
    }
    sums[channel] = sum;
    squares[channel] = square;
  }
  return { sums, squares };
}

async function readParts(store: Store, folder: string): Promise<Part[]> {
  const keys: string[] = [];
  for await (const key of store.list(`${folder}/part-`)) keys.push(key);
  return mapConcurrently(keys.sort(), 8, async (key) =>
    parseDocument(await store.read(key), partSchema, key),
  );
}

export interface Prepared {
  readonly prepared: PreparedRef;
  readonly pictures: number;
  readonly rejected: number;
}

/** Where one picture lies prepared. */
interface Place {
  readonly part: Part;
  readonly record: number;
}

/**
 * Puts the prepared pictures of a version together: writes `prepared/<key>/index.json`, after which the set
 * can be opened. Its order is the manifest's, wherever the pictures lie, so that what is trained does not
 * depend on which versions there were before.
 *
 * @throws Failure `dataset-invalid` where too little could be decoded.
 */
export async function finishPreparation(preparing: Preparing & { readonly key: string }): Promise<Prepared> {
  const { store, name, manifest, preprocessing, key } = preparing;
  const wanted = preparationOrder(await readManifest(store, manifest));
  const { places, reasons } = placesOf(await readParts(store, poolFolder(name, preprocessing)), wanted);
  const rejected = wanted.flatMap(({ path, sha256 }) => {
    const reason = reasons.get(sha256);
    return reason !== undefined && !places.has(sha256) ? [{ path, reason }] : [];
  });
  const found = wanted.flatMap((entry) => {
    const place = places.get(entry.sha256);
    return place === undefined ? [] : [{ entry, place }];
  });
  if (found.length + rejected.length !== wanted.length) {
    const missing = wanted.length - found.length - rejected.length;
    throw new Error(`${missing} of ${wanted.length} pictures are not prepared: some parts are missing.`);
  }
  const entries = found.map(({ entry }) => entry);
  requireTrainable(countPictures(entries));
  const classes = classesOf(entries);
  const labels = new Map(classes.map((label, index) => [label, index]));
  const parts = [...new Set(found.map(({ place }) => place.part))];
  const numbers = new Map(parts.map((part, index) => [part, index]));
  const index: PreparedIndex = {
    dataset: { name, manifest: { uri: manifest.uri, sha256: manifest.sha256 } },
    preprocessing,
    classes,
    shards: parts.flatMap(({ shard, pictures }) => (shard ? [{ ref: shard, count: pictures.length }] : [])),
    places: {
      shard: found.map(({ place }) => numbers.get(place.part) ?? 0),
      record: found.map(({ place }) => place.record),
    },
    pictures: entries.map(({ sha256 }) => sha256),
    labels: entries.map(({ label }) => labels.get(label) ?? 0),
    splits: entries.map(({ split }) => split),
    normalisation: normalisation(
      found.flatMap(({ entry, place }) => (entry.split === 'train' ? [place] : [])),
      preprocessing,
    ),
    rejected,
  };
  const prepared = await putJson<'prepared'>(store, `prepared/${key}/index.json`, index);
  return { prepared, pictures: entries.length, rejected: rejected.length };
}

/** Where a picture is in several parts, the one that holds most of this version: fewer shards to be read. */
function placesOf(
  parts: readonly Part[],
  wanted: readonly ManifestEntry[],
): { readonly places: ReadonlyMap<string, Place>; readonly reasons: ReadonlyMap<string, string> } {
  const digests = new Set(wanted.map(({ sha256 }) => sha256));
  const live = new Map(
    parts.map((part) => [part, part.pictures.filter((sha256) => digests.has(sha256)).length]),
  );
  const places = new Map<string, Place>();
  const reasons = new Map<string, string>();
  for (const part of [...parts].sort((a, b) => (live.get(b) ?? 0) - (live.get(a) ?? 0))) {
    part.pictures.forEach((sha256, record) => {
      if (digests.has(sha256) && !places.has(sha256)) places.set(sha256, { part, record });
    });
    for (const { sha256, reason } of part.rejected) reasons.set(sha256, reason);
  }
  return { places, reasons };
}

/** Mean and standard deviation a channel. At least 1 of 255, so that a flat channel is not divided by zero. */
function normalisation(
  training: readonly Place[],
  preprocessing: Preprocessing,
): PreparedIndex['normalisation'] {
  const pixels = training.length * preprocessing.size ** 2;
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < channelsOf(preprocessing); channel += 1) {
    let sum = 0;
    let squares = 0;
    for (const { part, record } of training) {
      sum += part.sums[record]?.[channel] ?? 0;
      squares += part.squares[record]?.[channel] ?? 0;
    }
    const average = sum / pixels;
    mean.push(average);
    std.push(Math.max(1, Math.sqrt(Math.max(0, squares / pixels - average * average))));
  }
  return { mean, std };
}
