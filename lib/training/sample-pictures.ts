import type { LoadedSplit } from '../data/prepared-set';
import { tf } from '../tensorflow';
import type { SamplePicture } from '../tracking/tracker';
import { plainBatches, type Examples } from './batches';

/** Pictures in a sample. */
const most = 64;

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
): SamplePicture[] {
  const count = Math.min(most, split.count);
  const chosen = Array.from({ length: count }, (_, at) => Math.floor((at * split.count) / count));
  const size = examples.values.length / examples.count;
  const pixelsOf = (picture: number): Uint8Array =>
    Uint8Array.from(examples.values.subarray(picture * size, (picture + 1) * size));
  const values = new Uint8Array(count * size);
  chosen.forEach((picture, at) => values.set(pixelsOf(picture), at * size));
  const labels = Int32Array.from(chosen, (picture) => examples.labels[picture] ?? 0);

  const answers: { readonly label: number; readonly probability: number }[] = [];
  for (const batch of plainBatches({ ...examples, count, values, labels }, 16)) {
    tf.tidy(() => {
      const logits = model.predictOnBatch(
        tf.tensor(Float32Array.from(batch.images), [batch.count, ...batch.shape]),
      );
      if (Array.isArray(logits)) throw new Error('a network has one output');
      const probabilities = tf.softmax(logits);
      const [best, sure] = [probabilities.argMax(1).dataSync(), probabilities.max(1).dataSync()];
      best.forEach((label, at) => answers.push({ label, probability: sure[at] ?? NaN }));
    });
  }
  return chosen.map((picture, at) => ({
    picture: split.pictures[picture] ?? '',
    pixels: pixelsOf(picture),
    actual: classes[labels[at] ?? 0] ?? '',
    predicted: classes[answers[at]?.label ?? 0] ?? '',
    probability: answers[at]?.probability ?? NaN,
  }));
}
