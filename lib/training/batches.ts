import type { Augmentation } from '../../contracts/schemas/run';
import type { LoadedSplit } from '../data/prepared-set';
import { createRandom } from '../random';
import { drawChange, writeChanged, type PictureShape } from './augment';

/** Pictures as the network reads them. */
export interface Batch {
  readonly count: number;
  /** `[count, height, width, channels]`, values of 0 to 255. */
  readonly images: Float32Array;
  /** `[count]`. */
  readonly labels: Int32Array;
}

/**
 * One epoch of training: every picture once, in random order, each changed at random. All of it follows
 * from the seed, the epoch and the picture's place alone: a training that is resumed draws the same, with
 * no generator's state to be kept.
 *
 * The last batch may be smaller.
 */
export function* trainingBatches(
  split: LoadedSplit,
  shape: PictureShape,
  options: {
    readonly batchSize: number;
    readonly augmentation: Augmentation;
    readonly seed: number;
    /** From 1. */
    readonly epoch: number;
  },
): Generator<Batch, void, void> {
  const random = createRandom(options.seed).fork(`epoch ${options.epoch}`);
  const order = random.fork('order').shuffle(Array.from({ length: split.count }, (_, picture) => picture));
  const size = shape.height * shape.width * shape.channels;
  for (let from = 0; from < order.length; from += options.batchSize) {
    const chosen = order.slice(from, from + options.batchSize);
    const images = new Float32Array(chosen.length * size);
    const labels = new Int32Array(chosen.length);
    chosen.forEach((picture, at) => {
      const change = drawChange(options.augmentation, shape, random.fork(`picture ${picture}`));
      writeChanged(split.images, picture * size, images, at * size, shape, change);
      labels[at] = split.labels[picture] ?? 0;
    });
    yield { count: chosen.length, images, labels };
  }
}

/** A split as it is, in its order. */
export function* plainBatches(
  split: LoadedSplit,
  shape: PictureShape,
  batchSize: number,
): Generator<Batch, void, void> {
  const size = shape.height * shape.width * shape.channels;
  for (let from = 0; from < split.count; from += batchSize) {
    const to = Math.min(split.count, from + batchSize);
    yield {
      count: to - from,
      images: Float32Array.from(split.images.subarray(from * size, to * size)),
      labels: split.labels.slice(from, to),
    };
  }
}
