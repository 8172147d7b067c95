import { describe, expect, it } from '@jest/globals';
import { plainBatches, trainingBatches } from '../../../lib/training/batches';

const shape = { height: 1, width: 2, channels: 1 };
/** Picture n holds the values n and n, and has the label n. */
const split = {
  count: 7,
  images: Uint8Array.from([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
  labels: Int32Array.from([0, 1, 2, 3, 4, 5, 6]),
  pictures: [],
};
const still = { flip: false, shift: 0, brightness: 0 };
const options = { batchSize: 3, augmentation: still, seed: 1, epoch: 1 };

function order(changes: Partial<typeof options> = {}): number[] {
  return [...trainingBatches(split, shape, { ...options, ...changes })].flatMap(({ labels }) => [...labels]);
}

describe('the batches of an epoch', () => {
  it('hold every picture once, with its own label, the last batch the rest', () => {
    const batches = [...trainingBatches(split, shape, options)];
    expect(batches.map(({ count }) => count)).toEqual([3, 3, 1]);
    expect(order().sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const { images, labels } of batches) {
      expect([...images]).toEqual([...labels].flatMap((label) => [label, label]));
    }
  });

  it('come in the same order for the same seed and epoch, in another for others', () => {
    expect(order()).toEqual(order());
    expect(order({ epoch: 2 })).not.toEqual(order());
    expect(order({ seed: 2 })).not.toEqual(order());
  });

  it('change a picture in the same way whatever the size of a batch', () => {
    const augmentation = { flip: true, shift: 0.5, brightness: 0.5 };
    const [small, large] = [2, 7].map((batchSize) =>
      [...trainingBatches(split, shape, { ...options, batchSize, augmentation })].flatMap(({ images }) => [
        ...images,
      ]),
    );
    expect(small).toEqual(large);
  });

  it('leave a split that is only judged as it is', () => {
    const batches = [...plainBatches(split, shape, 4)];
    expect(batches.flatMap(({ images }) => [...images])).toEqual([...split.images]);
    expect(batches.flatMap(({ labels }) => [...labels])).toEqual([...split.labels]);
  });
});
