import { Failure } from '../../contracts/failures';
import type { PreparedIndex } from '../../contracts/schemas/documents';
import { channelsOf } from '../../contracts/channels';
import { readExamined } from '../data/examine';
import { readManifest } from '../data/manifest';
import type { LoadedSplit } from '../data/prepared-set';
import { splitOf } from '../data/split-words';
import { lumaOf } from '../images/luma';
import type { Store } from '../storage/store';

/** What pictures are told apart by, beside their class; by their place in the split. */
export interface PictureFacts {
  /** The folder that each came from, without those of its split and class; undefined where the manifest doesn't tell. */
  readonly sources: readonly string[] | undefined;
  /** Pixels of each original; undefined where they were not recorded of every one. */
  readonly pixels: readonly number[] | undefined;
  /** Mean luminance, 0 to 255. */
  readonly brightness: readonly number[];
  readonly brightnessOf: 'original' | 'prepared';
}

/**
 * What is known of the pictures of a split: of the originals what was recorded as they were ingested, else of what was
 * prepared of them. Originals themselves are not read again.
 */
export async function readPictureFacts(
  store: Store,
  index: PreparedIndex,
  split: LoadedSplit,
): Promise<PictureFacts> {
  const examined = await readExamined(store, index.dataset.name);
  const facts = split.pictures.flatMap((picture) => examined.get(picture)?.facts ?? []);
  const known = facts.length === split.count;
  return {
    sources: await sourcesOf(store, index, split),
    pixels: known ? facts.map(({ width, height }) => width * height) : undefined,
    brightness: known ? facts.map(({ brightness }) => brightness) : preparedBrightness(index, split),
    brightnessOf: known ? 'original' : 'prepared',
  };
}

function preparedBrightness({ preprocessing }: PreparedIndex, { count, images }: LoadedSplit): number[] {
  const luma = channelsOf(preprocessing) === 1 ? images : lumaOf(images);
  const record = luma.length / Math.max(1, count);
  return Array.from({ length: count }, (_, picture) => {
    let total = 0;
    for (let at = picture * record; at < (picture + 1) * record; at += 1) total += luma[at] ?? 0;
    return total / record;
  });
}

async function sourcesOf(
  store: Store,
  { dataset, classes, labels, pictures }: PreparedIndex,
  split: LoadedSplit,
): Promise<string[] | undefined> {
  const paths = await pathsOf(store, dataset.manifest);
  if (paths === undefined) return undefined;
  const classOf = new Map(pictures.map((picture, at) => [picture, classes[labels[at] ?? 0]]));
  const sources = split.pictures.map((picture) => {
    const folders = (paths.get(picture) ?? '').split('/').slice(0, -1);
    return folders
      .filter((folder) => folder !== classOf.get(picture) && splitOf(folder) === undefined)
      .join('/');
  });
  return sources;
}

/** Where each picture stood in its source; undefined where the dataset version itself is not in this store. */
async function pathsOf(
  store: Store,
  manifest: PreparedIndex['dataset']['manifest'],
): Promise<Map<string, string> | undefined> {
  try {
    return new Map((await readManifest(store, manifest)).map(({ sha256, path }) => [sha256, path]));
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return undefined;
    throw error;
  }
}
