import type { LoadedSplit } from '../data/prepared-set';
import type { tf } from '../tensorflow';
import type { SamplePicture } from '../tracking/tracker';
import type { Examples } from './batches';
import { servedAnswers, type ServedAs } from './served-answers';

/** Pictures in a sample. */
const most = 64;
/** Pictures at once. */
const batchSize = 16;

/**
 * What a finished model says of some validation pictures, evenly over the split: the table that people look through.
 *
 * @param model - Pixels in, logits out.
 * @param examples - The pictures of `split`.
 */
export function samplePictures(
  model: tf.LayersModel,
  split: LoadedSplit,
  examples: Examples,
  classes: readonly string[],
  served: ServedAs = {},
): SamplePicture[] {
  const count = Math.min(most, split.count);
  const chosen = Array.from({ length: count }, (_, at) => Math.floor((at * split.count) / count));
  const size = examples.values.length / examples.count;
  const pixelsOf = (picture: number): Uint8Array =>
    Uint8Array.from(examples.values.subarray(picture * size, (picture + 1) * size));
  const values = new Uint8Array(count * size);
  chosen.forEach((picture, at) => values.set(pixelsOf(picture), at * size));
  const labels = Int32Array.from(chosen, (picture) => examples.labels[picture] ?? 0);

  const answers = servedAnswers(model, { ...examples, count, values, labels }, batchSize, served).map(
    (probabilities) => {
      const probability = probabilities.reduce((most, of) => Math.max(most, of), -Infinity);
      return { label: probabilities.indexOf(probability), probability };
    },
  );
  return chosen.map((picture, at) => ({
    picture: split.pictures[picture] ?? '',
    pixels: pixelsOf(picture),
    actual: classes[labels[at] ?? 0] ?? '',
    predicted: classes[answers[at]?.label ?? 0] ?? '',
    probability: answers[at]?.probability ?? NaN,
  }));
}
