import { tf } from '../tensorflow';
import { plainBatches, type Examples } from './batches';

export interface ServedAs {
  /** Answers with the mean of the logits for a picture and for its mirror image. */
  readonly averageFlip?: boolean | undefined;
  /** Pictures at once at most: what is learnt in parts for want of memory is answered in parts, too. */
  readonly microBatch?: number | undefined;
}

/**
 * What a finished network says of pictures, by TensorFlow and as it will be served.
 *
 * @param model - Pixels in, logits out.
 * @param atOnce - Pictures at once where memory doesn't ask for fewer.
 * @returns the probabilities, a picture each.
 */
export function servedAnswers(
  model: tf.LayersModel,
  pictures: Examples,
  atOnce: number,
  { averageFlip = false, microBatch = atOnce }: ServedAs,
): Float32Array[] {
  const logitsOf = (images: tf.Tensor): tf.Tensor => {
    const logits = model.predictOnBatch(images);
    if (Array.isArray(logits)) throw new Error('a network has one output');
    return logits;
  };
  const answers: Float32Array[] = [];
  for (const batch of plainBatches(pictures, Math.min(atOnce, microBatch))) {
    tf.tidy(() => {
      const images = tf.tensor(Float32Array.from(batch.images), [batch.count, ...batch.shape]);
      const logits = averageFlip
        ? logitsOf(images)
            .add(logitsOf(images.reverse(2)))
            .div(2)
        : logitsOf(images);
      const probabilities = Float32Array.from(tf.softmax(logits).dataSync());
      const classes = probabilities.length / batch.count;
      for (let at = 0; at < batch.count; at += 1) {
        answers.push(probabilities.subarray(at * classes, (at + 1) * classes));
      }
    });
  }
  return answers;
}
