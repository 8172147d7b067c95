import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../../lib/random';
import { download, scoped, upload, type Handle } from '../../../lib/tensorflow/handles';
import {
  hasOneDnnPooling,
  maxPoolGradAt,
  maxPoolGradByWorkspace,
  maxPoolWithPlaces,
  maxPoolWithWorkspace,
  type PoolWindow,
} from '../../../lib/tensorflow/operations/pooling';

const window: PoolWindow = { size: [2, 2], strides: [2, 2], padding: 'SAME' };
const [shape, pooledShape] = [
  [2, 7, 6, 3],
  [2, 4, 3, 3],
];

function randomOf(of: readonly number[], values: number): Handle {
  const random = createRandom(`pooling/${values}`);
  const count = of.reduce((product, length) => product * length, 1);
  return upload(
    Float32Array.from({ length: count }, () => random.int(values)),
    of,
  );
}

describe('max pooling', () => {
  // Where oneDNN is missing, every network is trained by the other kernels, and there is nothing to compare.
  const both = hasOneDnnPooling('float32') ? it : it.skip;

  both.each([
    ['few values, so that many are the largest together', 3],
    ['many values', 2 ** 20],
  ])('gives the same by oneDNN and by places: %s', (_what, values) => {
    scoped(() => {
      const images = randomOf(shape, values);
      const gradient = randomOf(pooledShape, values);
      const byWorkspace = maxPoolWithWorkspace(images, window);
      const byPlaces = maxPoolWithPlaces(images, window);

      expect(download(byWorkspace.output)).toEqual(download(byPlaces.output));
      expect(download(maxPoolGradByWorkspace(images, byWorkspace.workspace, gradient, window))).toEqual(
        download(maxPoolGradAt(images, byPlaces.places, gradient, window)),
      );
    });
  });
});
