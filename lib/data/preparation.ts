import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import type { ManifestRef, PreparedRef, Ref } from '../../contracts/refs';
import {
  refSchema,
  rejectionSchema,
  sha256Schema,
  splitNames,
  type ManifestEntry,
  type PreparedIndex,
  type Rejection,
} from '../../contracts/schemas/documents';
import { channelsOf, type Preprocessing } from '../../contracts/schemas/preprocessing';
import { stageVersions } from '../../contracts/stages';
import { decodePicture, decoderVersion } from '../images/decode';
import { blobKey, digestOf, putJson, putRef, readJson, readRef } from '../storage/refs';
import { storeUri } from '../../contracts/refs';
import type { Store } from '../storage/store';
import { mapConcurrently } from './concurrently';
import { classesOf, readManifest } from './manifest';
import { countPictures, requireTrainable } from './split';

const concurrency = 6;

/** Pictures of the dataset version, in the order of {@link preparationOrder}: what one shard is made of. */
export interface ShardRange {
  readonly first: number;
  readonly count: number;
}

const partSchema = z.strictObject({
  /** Missing where no picture of the range could be read. */
  shard: refSchema<'shard'>().optional(),
  entries: z.array(z.strictObject({ sha256: sha256Schema, label: z.string(), split: z.enum(splitNames) })),
  /** Over the pixels of the range's training pictures; whole numbers, so that their order does not matter. */
  training: z.strictObject({ pixels: z.int(), sums: z.array(z.int()), squares: z.array(z.int()) }),
  rejected: z.array(rejectionSchema),
});
type Part = z.infer<typeof partSchema>;

/** By split, so that a shard rarely holds two and a reader of one split skips the others' shards. */
function preparationOrder(entries: readonly ManifestEntry[]): ManifestEntry[] {
  return splitNames.flatMap((split) => entries.filter((entry) => entry.split === split));
}

/**
 * The digest of all that a prepared set's bytes depend on. The manifest's URI is one of them because the
 * index names its dataset.
 */
function preparationKey(manifest: ManifestRef, preprocessing: Preprocessing, shardSize: number): string {
  return digestOf({
    revision: stageVersions.preprocess,
    decoder: decoderVersion,
    manifest: { uri: manifest.uri, sha256: manifest.sha256 },
    preprocessing,
    shardSize,
  });
}

export interface PreparationPlan {
  /** The folder in the store: `prepared/<key>/`. */
  readonly key: string;
  readonly shards: readonly ShardRange[];
}

/** Divides the work of preparing a dataset version. */
export async function planPreparation(options: {
  readonly store: Store;
  readonly manifest: ManifestRef;
  readonly preprocessing: Preprocessing;
  /** Pictures a shard. */
  readonly shardSize?: number;
}): Promise<PreparationPlan> {
  const { store, manifest, preprocessing, shardSize = 256 } = options;
  const { length } = await readManifest(store, manifest);
  const shards = Array.from({ length: Math.ceil(length / shardSize) }, (_, n) => ({
    first: n * shardSize,
    count: Math.min(shardSize, length - n * shardSize),
  }));
  return { key: preparationKey(manifest, preprocessing, shardSize), shards };
}

/**
 * Decodes one shard's pictures and writes them with what the index needs to know of them. Done again, it
 * writes the same bytes, so it may be killed and repeated at will.
 *
 * @returns the part, for {@link finishPreparation}
 * @throws Failure `digest-mismatch`, `not-found`: a picture in the store is not what was ingested; the
 *   signal's reason. A picture that cannot be decoded is named in the part, and left out.
 */
export async function prepareShard(options: {
  readonly store: Store;
  readonly manifest: ManifestRef;
  readonly key: string;
  readonly preprocessing: Preprocessing;
  readonly shard: ShardRange;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}): Promise<Ref<'shard-part'>> {
  const { store, manifest, key, preprocessing, shard, onProgress, signal } = options;
  const ordered = preparationOrder(await readManifest(store, manifest));
  const entries = ordered.slice(shard.first, shard.first + shard.count);
  let done = 0;
  const outcomes = await mapConcurrently(
    entries,
    concurrency,
    async (entry) => {
      const outcome = await decodeEntry(store, entry, preprocessing);
      done += 1;
      onProgress?.({ done, total: entries.length, unit: 'pictures' });
      return outcome;
    },
    signal,
  );
  const decoded = outcomes.filter((outcome) => 'pixels' in outcome);
  // Named by its first picture, which tells shards of one key apart whatever their size.
  const name = String(shard.first).padStart(8, '0');
  const bytes = Buffer.concat(decoded.map(({ pixels }) => pixels));
  const part: Part = {
    ...(decoded.length > 0 && {
      shard: await putRef<'shard'>(store, `prepared/${key}/shard-${name}.bin`, bytes),
    }),
    entries: decoded.map(({ entry: { sha256, label, split } }) => ({ sha256, label, split })),
    training: sumPixels(
      decoded.filter(({ entry }) => entry.split === 'train').map(({ pixels }) => pixels),
      channelsOf(preprocessing),
    ),
    rejected: outcomes.filter((outcome) => 'reason' in outcome),
  };
  return putJson<'shard-part'>(store, `prepared/${key}/part-${name}.json`, part);
}

async function decodeEntry(
  store: Store,
  entry: ManifestEntry,
  preprocessing: Preprocessing,
): Promise<{ readonly entry: ManifestEntry; readonly pixels: Uint8Array } | Rejection> {
  const { sha256 } = entry;
  const bytes = await readRef(store, { uri: storeUri(blobKey(sha256)), sha256 });
  try {
    return { entry, pixels: await decodePicture(bytes, preprocessing) };
  } catch (error) {
    if (error instanceof Failure && error.type === 'picture-unreadable') {
      return { path: entry.path, reason: error.message };
    }
    throw error;
  }
}

function sumPixels(pictures: readonly Uint8Array[], channels: number): Part['training'] {
  const sums = new Array<number>(channels).fill(0);
  const squares = new Array<number>(channels).fill(0);
  let bytes = 0;
  for (const pixels of pictures) {
    bytes += pixels.length;
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0;
      let square = 0;
      for (let at = channel; at < pixels.length; at += channels) {
        const value = pixels[at] ?? 0;
        sum += value;
        square += value * value;
      }
      sums[channel] = (sums[channel] ?? 0) + sum;
      squares[channel] = (squares[channel] ?? 0) + square;
    }
  }
  return { pixels: bytes / channels, sums, squares };
}

export interface Prepared {
  readonly prepared: PreparedRef;
  readonly pictures: number;
  readonly rejected: number;
}

/**
 * Puts the parts together: writes `prepared/<key>/index.json`, after which the set can be opened.
 *
 * @param options.parts - of every shard of the plan, in its order
 * @throws Failure `dataset-invalid` where too little could be decoded.
 */
export async function finishPreparation(options: {
  readonly store: Store;
  readonly name: string;
  readonly manifest: ManifestRef;
  readonly key: string;
  readonly preprocessing: Preprocessing;
  readonly parts: readonly Ref<'shard-part'>[];
}): Promise<Prepared> {
  const { store, name, manifest, key, preprocessing } = options;
  const parts = await mapConcurrently(options.parts, concurrency, (part) =>
    readJson(store, part, partSchema),
  );
  const entries = parts.flatMap((part) => part.entries);
  const rejected = parts.flatMap((part) => part.rejected);
  const expected = (await readManifest(store, manifest)).length;
  if (entries.length + rejected.length !== expected) {
    throw new Error(
      `The parts hold ${entries.length + rejected.length} pictures of ${expected}: some are missing.`,
    );
  }
  requireTrainable(countPictures(entries));
  const classes = classesOf(entries);
  const labels = new Map(classes.map((label, index) => [label, index]));
  const index: PreparedIndex = {
    dataset: { name, manifest: { uri: manifest.uri, sha256: manifest.sha256 } },
    preprocessing,
    classes,
    shards: parts.flatMap(({ shard, entries: { length } }) => (shard ? [{ ref: shard, count: length }] : [])),
    pictures: entries.map(({ sha256 }) => sha256),
    labels: entries.map(({ label }) => labels.get(label) ?? 0),
    splits: entries.map(({ split }) => split),
    normalisation: normalisation(parts, channelsOf(preprocessing)),
    rejected,
  };
  const prepared = await putJson<'prepared'>(store, `prepared/${key}/index.json`, index);
  return { prepared, pictures: entries.length, rejected: rejected.length };
}

/** Mean and standard deviation a channel. At least 1 of 255, so that a flat channel is not divided by zero. */
function normalisation(parts: readonly Part[], channels: number): PreparedIndex['normalisation'] {
  const total = (pick: (part: Part) => number) => parts.reduce((sum, part) => sum + pick(part), 0);
  const pixels = total(({ training }) => training.pixels);
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < channels; channel += 1) {
    const average = total(({ training }) => training.sums[channel] ?? 0) / pixels;
    const square = total(({ training }) => training.squares[channel] ?? 0) / pixels;
    mean.push(average);
    std.push(Math.max(1, Math.sqrt(Math.max(0, square - average * average))));
  }
  return { mean, std };
}
