import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { networkSchema } from '../../../contracts/schemas/network';
import { openClassifier } from '../../../lib/inference/classifier';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { createRandom } from '../../../lib/random';
import type { tf } from '../../../lib/tensorflow';
import { compareForms } from '../../../lib/training/finish';
import { samplePictures } from '../../../lib/training/sample-pictures';

const classes = ['lies', 'square', 'stands'];
const count = 20;
const random = createRandom('served');
const pixels = Uint8Array.from({ length: count * 9 * 9 * 3 }, () => random.int(256));
const labels = new Int32Array(count);
const examples = { count, shape: [9, 9, 3], values: pixels, labels };
const split = { count, images: pixels, labels, pictures: labels.reduce<string[]>((all) => [...all, ''], []) };

let model: tf.LayersModel;
beforeAll(() => {
  const network = networkSchema.parse({ name: 'cnn', filters: [4], dense: 8 });
  const shape = { height: 9, width: 9, channels: 3, classes: 3 };
  model = createNetwork(network, shape, { mean: [90, 90, 90], std: [40, 40, 40] }, 2);
});

/** Of each pass through the network, how many pictures it took. */
async function passes(work: () => unknown): Promise<number[]> {
  const spy = jest.spyOn(model, 'predictOnBatch');
  try {
    await work();
    return spy.mock.calls.map(([images]) => (Array.isArray(images) ? NaN : images.shape[0]));
  } finally {
    spy.mockRestore();
  }
}

describe('a finished network', () => {
  it('answers no more pictures at once than it learnt', async () => {
    const served = { microBatch: 8 };
    const onnx = exportOnnx(model);
    expect(await passes(() => compareForms(model, onnx, examples))).toEqual([20]);
    expect(await passes(() => compareForms(model, onnx, examples, served))).toEqual([8, 8, 4]);
    expect(await passes(() => samplePictures(model, split, examples, classes))).toEqual([16, 4]);
    expect(await passes(() => samplePictures(model, split, examples, classes, served))).toEqual([8, 8, 4]);
  });

  it.each([false, true])(
    'has a sample that answers as what is served (average_flip: %s)',
    async (averageFlip) => {
      const classifier = await openClassifier(exportOnnx(model, { averageFlip }), { threads: 1 });
      const answered = await classifier.classify(pixels, count);
      await classifier.dispose();
      const sample = samplePictures(model, split, examples, classes, { averageFlip });
      expect(sample).toHaveLength(count);
      for (const [at, { predicted, probability }] of sample.entries()) {
        const own = answered.slice(at * 3, at * 3 + 3);
        expect(probability).toBeCloseTo(Math.max(...own), 4);
        expect(predicted).toBe(classes[own.indexOf(Math.max(...own))]);
      }
    },
  );
});
