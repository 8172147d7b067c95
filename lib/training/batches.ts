import type { Augmentation } from '../../contracts/schemas/run';
import type { LoadedSplit } from '../data/prepared-set';
import { createRandom } from '../random';
import { drawAugmentation, type AugmentationDraw } from './augmentation/draw';

/** Of one picture, channels last. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What a step learns from, as it was prepared, with what will be done to it. */
export interface Batch {
  readonly count: number;
  /** Of one example: `[height, width, channels]` of a picture, or `[features]`. */
  readonly shape: readonly number[];
  /** `[count, …shape]`: pictures of 0 to 255, or features. */
  readonly images: Uint8Array | Float32Array;
  /** `[count]`. */
  readonly labels: Int32Array;
  /** Random changes to the pictures; undefined where there are none. */
  readonly draw?: AugmentationDraw | undefined;
  /** Where several processes share the step: its pictures in all, and how many of them come before these. */
  readonly share?: { readonly from: number; readonly of: number } | undefined;
}

/** Examples and labels, as a split of a prepared set or its kept features. */
export interface Examples {
  readonly count: number;
  readonly shape: readonly number[];
  /** `[count, …shape]`. */
  readonly values: Uint8Array | Float32Array;
  readonly labels: Int32Array;
}

/** A split's pictures as examples. */
export function picturesOf(split: LoadedSplit, { height, width, channels }: PictureShape): Examples {
  const { count, images, labels } = split;
  return { count, shape: [height, width, channels], values: images, labels };
}

export interface EpochOptions {
  readonly batchSize: number;
  /** undefined of features. */
  readonly augmentation: Augmentation | undefined;
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  /** Batches of the epoch that were done before. */
  readonly skip?: number;
  /** This process' part of every batch, where several share them: the k-th of n. */
  readonly part?: { readonly k: number; readonly n: number };
}

/**
 * One epoch of training: every example once, in random order, each picture changed at random. All of it follows
 * from the seed, the epoch and the picture's place alone: a training that is resumed draws the same, with
 * no generator's state to be kept.
 *
 * The last batch may be smaller, and a part of it empty.
 */
export function* trainingBatches(
  examples: Examples,
  { batchSize, augmentation, seed, epoch, skip = 0, part }: EpochOptions,
): Generator<Batch, void, void> {
  const random = createRandom(seed).fork(`epoch ${epoch}`);
  const order = random.fork('order').shuffle(Array.from({ length: examples.count }, (_, at) => at));
  for (let from = skip * batchSize; from < order.length; from += batchSize) {
    const whole = order.slice(from, from + batchSize);
    const [first, end] = part ? bounds(whole.length, part) : [0, whole.length];
    const chosen = whole.slice(first, end);
    const batch = { ...batchOf(examples, chosen), ...(part && { share: { from: first, of: whole.length } }) };
    if (!augmentation) yield batch;
    else {
      const [height = 0, width = 0, channels = 0] = examples.shape;
      const shape = { height, width, channels };
      yield { ...batch, draw: drawAugmentation(augmentation, shape, random, chosen, `batch ${from}`) };
    }
  }
}

/** Where the k-th of n parts begins and ends: equal but for one. */
function bounds(count: number, { k, n }: { readonly k: number; readonly n: number }): [number, number] {
  return [Math.floor((count * k) / n), Math.floor((count * (k + 1)) / n)];
}

/** All examples as they are, in their order. */
export function* plainBatches(examples: Examples, batchSize: number): Generator<Batch, void, void> {
  const { count, shape, values, labels } = examples;
  const size = sizeOf(shape);
  for (let from = 0; from < count; from += batchSize) {
    const to = Math.min(count, from + batchSize);
    yield {
      count: to - from,
      shape,
      images: values.subarray(from * size, to * size),
      labels: labels.subarray(from, to),
    };
  }
}

function batchOf({ shape, values, labels }: Examples, chosen: readonly number[]): Batch {
  const size = sizeOf(shape);
  const images =
    values instanceof Uint8Array
      ? new Uint8Array(chosen.length * size)
      : new Float32Array(chosen.length * size);
  chosen.forEach((example, at) => {
    images.set(values.subarray(example * size, (example + 1) * size), at * size);
  });
  return {
    count: chosen.length,
    shape,
    images,
    labels: Int32Array.from(chosen, (example) => labels[example] ?? 0),
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
