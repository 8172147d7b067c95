import { describe, expect, it } from '@jest/globals';
import type { Network } from '../../../contracts/schemas/network';
import { loadModel } from '../../support/load-model';
import { createNetwork } from '../../../lib/model/networks';
import { saveModel } from '../../../lib/model/save';
import { tf } from '../../../lib/tensorflow';

const network: Network = { name: 'cnn', filters: [4, 6], kernel: 3, dense: 8, dropout: 0.5 };
const shape = { height: 9, width: 11, channels: 3, classes: 4 };
const normalisation = { mean: [10, 120, 200], std: [5, 50, 60] };

describe('a network', () => {
  it('has the same bytes for the same seed, and others for another', async () => {
    const [first, same, other] = await Promise.all(
      [1, 1, 2].map((seed) => saveModel(createNetwork(network, shape, normalisation, seed))),
    );
    expect(first).toEqual(same);
    expect(first?.weights).not.toEqual(other?.weights);
  });

  it('answers the same after it was saved and loaded, and is saved as the same bytes again', async () => {
    const model = createNetwork(network, shape, normalisation, 1);
    const saved = await saveModel(model);
    const loaded = await loadModel(saved);
    expect(await saveModel(loaded)).toEqual(saved);
    const pixels = tf.randomUniform([5, 9, 11, 3], 0, 255);
    const [before, after] = [model, loaded].map((of) => (of.predict(pixels) as tf.Tensor).dataSync());
    expect(after).toEqual(before);
  });

  it('normalises pixels by its first layer', () => {
    const model = createNetwork(network, shape, normalisation, 1);
    const pixels = tf.tensor1d([15, 170, 80]).tile([99]).reshape([1, 9, 11, 3]);
    const normalised = model.getLayer('normalisation').apply(pixels) as tf.Tensor;
    [1, 1, -2].forEach((expected, channel) => {
      expect(normalised.dataSync()[channel]).toBeCloseTo(expected, 3);
    });
  });

  it('holds as many numbers as its layers need', () => {
    const model = createNetwork(network, shape, normalisation, 1);
    const trainable = model.trainableWeights.reduce((sum, { shape: of }) => {
      return sum + of.reduce((product: number, size) => product * (size ?? 0), 1);
    }, 0);
    const convolutions = 9 * 3 * 4 + 4 + (9 * 4 * 6 + 6);
    expect(trainable).toBe(convolutions + (2 * 2 * 6 * 8 + 8) + (8 * 4 + 4));
  });

  it('is refused where the pictures are too small for its poolings', () => {
    const deep = { ...network, filters: [2, 2, 2, 2] };
    expect(() => createNetwork(deep, shape, normalisation, 1)).toThrow(
      expect.objectContaining({
        type: 'configuration-invalid',
        message: expect.stringContaining('16 × 16') as unknown,
      }),
    );
  });
});
