import { describe, expect, it } from '@jest/globals';
import { plainBatches, trainingBatches } from '../../../lib/training/batches';

/** Picture n holds the values n and n, and has the label n. */
const split = {
  count: 7,
  shape: [1, 2, 1],
  values: Uint8Array.from([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
  labels: Int32Array.from([0, 1, 2, 3, 4, 5, 6]),
};
const options = { batchSize: 3, augmentation: undefined, seed: 1, epoch: 1 };

function order(changes: Partial<typeof options> = {}): number[] {
  return [...trainingBatches(split, { ...options, ...changes })].flatMap(({ labels }) => [...labels]);
}

describe('the batches of an epoch', () => {
  it('hold every picture once, with its own label, the last batch the rest', () => {
    const batches = [...trainingBatches(split, options)];
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

  it('go on in the middle of an epoch as if they had begun there', () => {
    const whole = [...trainingBatches(split, options)];
    expect([...trainingBatches(split, { ...options, skip: 2 })]).toEqual(whole.slice(2));
    expect([...trainingBatches(split, { ...options, skip: 3 })]).toEqual([]);
  });

  it('are shared out whole, in order, where several processes take part', () => {
    const parts = [0, 1].map((k) => [...trainingBatches(split, { ...options, part: { k, n: 2 } })]);
    const together = [...trainingBatches(split, options)].map((_, at) =>
      parts.flatMap((batches) => [...(batches[at]?.labels ?? [])]),
    );
    expect(together).toEqual([...trainingBatches(split, options)].map(({ labels }) => [...labels]));
    expect(parts.map((batches) => batches.map(({ count }) => count))).toEqual([
      [1, 1, 0],
      [2, 2, 1],
    ]);
  });

  it('leave a split that is only judged as it is', () => {
    const batches = [...plainBatches(split, 4)];
    expect(batches.flatMap(({ images }) => [...images])).toEqual([...split.values]);
    expect(batches.flatMap(({ labels }) => [...labels])).toEqual([...split.labels]);
  });
});
