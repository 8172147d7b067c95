import { describe, expect, it } from '@jest/globals';
import { openClassifier } from '../../../lib/inference/classifier';
import { networkSchema } from '../../../contracts/schemas/network';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';

const cases = [
  { filters: [4], kernel: 3, channels: 1, height: 8, width: 8 },
  { filters: [4, 6], kernel: 3, channels: 3, height: 13, width: 10 },
  { filters: [3, 5, 4], kernel: 5, channels: 1, height: 17, width: 19 },
  { filters: [3, 5], kernel: 5, channels: 3, height: 12, width: 9 },
  { filters: [3, 5], kernel: 4, channels: 3, height: 9, width: 11 },
  { filters: [4], kernel: 1, channels: 3, height: 8, width: 9 },
];

describe('the ONNX form', () => {
  it.each(cases)('answers as TensorFlow does: %o', async ({ filters, kernel, channels, height, width }) => {
    const shape = { height, width, channels, classes: 5 };
    const normalisation = { mean: [90, 120, 130].slice(0, channels), std: [40, 50, 60].slice(0, channels) };
    const model = createNetwork(
      { name: 'cnn', filters, kernel, dense: 12, dropout: 0.3 },
      shape,
      normalisation,
      7,
    );
    // Biases start at 0, where a wrong one wouldn't show.
    const random = createRandom('biases');
    for (const weight of model.trainableWeights) {
      const { size, shape: of } = weight.read();
      if (of.length === 1) weight.write(tf.tensor1d(Array.from({ length: size }, () => random.normal())));
    }
    const count = 19;
    const pixels = Uint8Array.from({ length: count * height * width * channels }, () => random.int(256));
    const input = tf.tensor4d(Float32Array.from(pixels), [count, height, width, channels]);
    const expected = tf.softmax(model.predict(input) as tf.Tensor2D).dataSync();

    const classifier = await openClassifier(exportOnnx(model), { threads: 1 });
    const answered = await classifier.classify(pixels, count);
    await classifier.dispose();

    expect(classifier).toMatchObject(shape);
    expect(answered).toHaveLength(count * 5);
    for (const [at, value] of answered.entries()) {
      expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThanOrEqual(1e-4);
    }
    for (let row = 0; row < count; row += 1) {
      const best = (of: ArrayLike<number>) => {
        const answers = Array.from(of).slice(row * 5, row * 5 + 5);
        return answers.indexOf(Math.max(...answers));
      };
      expect(best(answered)).toBe(best(expected));
    }
  });

  it('answers with the mean of the logits for a picture and its mirror image, where that is asked for', async () => {
    const shape = { height: 7, width: 9, channels: 3, classes: 4 };
    const network = networkSchema.parse({ name: 'cnn', filters: [4], dense: 8 });
    const model = createNetwork(network, shape, { mean: [90, 90, 90], std: [40, 40, 40] }, 2);
    const random = createRandom('mirror');
    const pixels = Uint8Array.from({ length: 5 * 7 * 9 * 3 }, () => random.int(256));
    const input = tf.tensor4d(Float32Array.from(pixels), [5, 7, 9, 3]);
    const logits = [input, input.reverse(2)].map((of) => model.predict(of) as tf.Tensor2D);
    const expected = tf.softmax(tf.addN(logits).div(2)).dataSync();

    const classifier = await openClassifier(exportOnnx(model, { averageFlip: true }), { threads: 1 });
    const answered = await classifier.classify(pixels, 5);
    await classifier.dispose();
    expect(answered).toHaveLength(20);
    for (const [at, value] of answered.entries()) expect(value).toBeCloseTo(expected[at] ?? NaN, 5);
  });

  it('has the same bytes each time', () => {
    const shape = { height: 8, width: 8, channels: 1, classes: 2 };
    const [first, second] = [1, 1].map((seed) =>
      exportOnnx(
        createNetwork(
          { name: 'cnn', filters: [2], kernel: 3, dense: 4, dropout: 0 },
          shape,
          { mean: [100], std: [50] },
          seed,
        ),
      ),
    );
    expect(first).toEqual(second);
  });

  it('refuses a layer that it has no form for', () => {
    const model = tf.sequential({ layers: [tf.layers.upSampling2d({ inputShape: [8, 8, 3] })] });
    expect(() => exportOnnx(model)).toThrow(/has no form in ONNX/);
  });
});
