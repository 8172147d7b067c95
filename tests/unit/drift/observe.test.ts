import { describe, expect, it } from '@jest/globals';
import { observePictures } from '../../../lib/drift/observe';
import { statisticsOf } from '../../../lib/drift/picture-statistics';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { createNetwork } from '../../../lib/model/networks';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';

const [height, width, channels, count] = [9, 7, 3, 19];
const size = height * width * channels;
const random = createRandom('observed');
const pixels = Uint8Array.from({ length: count * size }, () => random.int(256));
const pictures = Array.from({ length: count }, (_, at) => ({
  pixels: pixels.slice(at * size, (at + 1) * size),
  ...(at % 2 === 0 && { label: at % 4, size: 1000 + at }),
}));
const model = createNetwork(
  { name: 'cnn', filters: [4], kernel: 3, dense: 6, dropout: 0.3 },
  { height, width, channels, classes: 4 },
  { mean: [90, 90, 90], std: [40, 40, 40] },
  3,
);

/** What TensorFlow gives to the last layer. */
function embeddingsOf(images: tf.Tensor4D): Float32Array {
  const input = model.layers.at(-1)?.input;
  if (input === undefined || Array.isArray(input)) throw new Error('the last layer should read one value');
  const answer = tf.model({ inputs: model.inputs, outputs: input }).predict(images);
  if (Array.isArray(answer)) throw new Error('one value should be answered');
  return Float32Array.from(answer.dataSync());
}

describe('what a version makes of pictures', () => {
  const images = tf.tensor4d(Float32Array.from(pixels), [count, height, width, channels]);

  it('is what its last layer reads, over several batches, with labels and sizes where they are known', async () => {
    const observed = await observePictures(exportOnnx(model), pictures);
    expect(observed).toMatchObject({ count, dimensions: 6, classes: 4 });
    const expected = embeddingsOf(images);
    expect(observed.embeddings).toHaveLength(expected.length);
    observed.embeddings.forEach((value, at) => {
      expect(value).toBeCloseTo(expected[at] ?? NaN, 3);
    });
    expect(Array.from(observed.labels.subarray(0, 4))).toEqual([0, -1, 2, -1]);
    expect(Array.from(observed.statistics.size.subarray(0, 3))).toEqual([1000, NaN, 1002]);
  });

  it('is the mean of a picture and its mirror image where the model answers so', async () => {
    const observed = await observePictures(exportOnnx(model, { averageFlip: true }), pictures);
    const [plain, mirrored] = [embeddingsOf(images), embeddingsOf(images.reverse(2))];
    expect(observed.embeddings).toHaveLength(plain.length);
    observed.embeddings.forEach((value, at) => {
      expect(value).toBeCloseTo(((plain[at] ?? NaN) + (mirrored[at] ?? NaN)) / 2, 3);
    });
  });

  it('refuses a picture of another size', async () => {
    const small = [{ pixels: new Uint8Array(3) }];
    await expect(observePictures(exportOnnx(model), small)).rejects.toThrow('the model reads 9 × 7 × 3');
  });
});

describe('picture statistics', () => {
  it('of an even red picture: no contrast, no edges, full colour', () => {
    const red = Uint8Array.from({ length: 27 }, (_, at) => (at % 3 === 0 ? 200 : 0));
    expect(statisticsOf(red, { width: 3, height: 3, channels: 3 }, 9)).toEqual({
      ...{ brightness: 60, contrast: 0, sharpness: 0, size: 9, saturation: 200, warmth: 200 },
    });
  });

  it('of a grey checkerboard: contrast, edges, no colour', () => {
    const grey = Uint8Array.from({ length: 16 }, (_, at) => (((at >> 2) + at) % 2 === 0 ? 100 : 0));
    const found = statisticsOf(grey, { width: 4, height: 4, channels: 1 });
    // Inner pixels' Laplacian is 400 or -400.
    expect(found).toMatchObject({ brightness: 50, contrast: 50, sharpness: 160_000 });
    expect(found.saturation).toBeNaN();
    expect(found.size).toBeNaN();
  });
});
