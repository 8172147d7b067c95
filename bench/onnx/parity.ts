import type { TrainedModel } from '../../contracts/schemas/documents';
import { openClassifier } from '../../lib/inference/classifier';
import { readRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { tf } from '../../lib/tensorflow';
import { loadModel } from '../../tests/support/load-model';

export interface Parity {
  readonly pictures: number;
  /** Of a probability. */
  readonly furthest: number;
  /** Pictures whose first class is the same. */
  readonly agreeing: number;
}

const batch = 50;

/** TensorFlow's answers to so many pictures beside ONNX Runtime's. */
export async function parityOf(
  store: Store,
  model: TrainedModel,
  onnx: Uint8Array,
  images: Uint8Array,
  count: number,
): Promise<Parity> {
  const [layers, weights] = [await readRef(store, model.layers), await readRef(store, model.weights)];
  const network = await loadModel({ layers, weights });
  const classifier = await openClassifier(onnx, { threads: 2 });
  const { height, width, channels, classes } = classifier;
  const size = height * width * channels;
  let [furthest, agreeing] = [0, 0];
  for (let from = 0; from < count; from += batch) {
    const many = Math.min(batch, count - from);
    const pixels = images.subarray(from * size, (from + many) * size);
    const expected = tf.tidy(() => {
      const input = tf.tensor(Float32Array.from(pixels), [many, height, width, channels]);
      return tf.softmax(network.predict(input) as tf.Tensor2D).dataSync();
    });
    const answered = await classifier.classify(pixels, many);
    for (let picture = 0; picture < many; picture += 1) {
      const row = (of: ArrayLike<number>) =>
        Array.from({ length: classes }, (_, at) => of[picture * classes + at] ?? NaN);
      const [theirs, ours] = [row(expected), row(answered)];
      furthest = Math.max(furthest, ...ours.map((value, at) => Math.abs(value - (theirs[at] ?? NaN))));
      if (ours.indexOf(Math.max(...ours)) === theirs.indexOf(Math.max(...theirs))) agreeing += 1;
    }
  }
  await classifier.dispose();
  return { pictures: count, furthest, agreeing };
}
