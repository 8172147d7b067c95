import type { Classifier } from '../inference/classifier';

/** Pictures between two reports of progress. */
const batchSize = 64;

/**
 * @param images - uint8 `[count, height, width, channels]`
 * @param onPictures - hears how many more have been answered
 * @returns probabilities, `[count, classes]`
 * @throws the signal's reason
 */
export async function classifyAll(
  classifier: Classifier,
  images: Uint8Array,
  count: number,
  onPictures: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const probabilities = new Float32Array(count * classifier.classes);
  const record = classifier.height * classifier.width * classifier.channels;
  for (let from = 0; from < count; from += batchSize) {
    signal?.throwIfAborted();
    const many = Math.min(batchSize, count - from);
    const batch = images.subarray(from * record, (from + many) * record);
    probabilities.set(await classifier.classify(batch, many), from * classifier.classes);
    onPictures(many);
  }
  return probabilities;
}
