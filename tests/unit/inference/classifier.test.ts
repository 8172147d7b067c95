import { describe, expect, it } from '@jest/globals';
import type { Network } from '../../../contracts/schemas/network';
import { openClassifier } from '../../../lib/inference/classifier';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';

function model(): Uint8Array {
  const shape = { height: 8, width: 8, channels: 1, classes: 3 };
  const network: Network = { name: 'cnn', filters: [2], kernel: 3, dense: 4, dropout: 0 };
  const normalisation = { mean: [100], std: [50] };
  return exportOnnx(createNetwork(network, shape, normalisation, 1));
}

const pixels = (count: number) => Uint8Array.from({ length: count * 64 }, (_, at) => (at * 31) % 256);

describe('a classifier', () => {
  it('answers each picture alike, alone and among others', async () => {
    const classifier = await openClassifier(model(), { threads: 1 });
    const together = await classifier.classify(pixels(50), 50);
    const alone = await classifier.classify(pixels(50).subarray(49 * 64), 1);
    expect(together).toHaveLength(150);
    alone.forEach((value, at) => expect(value).toBeCloseTo(together[147 + at] ?? NaN, 5));
    expect(alone.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect(await classifier.classify(new Uint8Array(0), 0)).toHaveLength(0);
    await classifier.dispose();
  });

  it('lets other work run between the slices of a large batch', async () => {
    const classifier = await openClassifier(model(), { threads: 1 });
    let turns = 0;
    const turn = () => {
      turns += 1;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    await classifier.classify(pixels(160), 160);
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(9);
    await classifier.dispose();
  });

  it('refuses a count that does not fit its bytes', async () => {
    const classifier = await openClassifier(model(), { threads: 1 });
    await expect(classifier.classify(pixels(2), 3)).rejects.toThrow('3 pictures have 192 bytes, not 128');
    await classifier.dispose();
  });

  it('lets answers under way come out before it is disposed, and gives no more', async () => {
    const classifier = await openClassifier(model(), { threads: 1 });
    const answering = classifier.classify(pixels(100), 100);
    await Promise.all([classifier.dispose(), classifier.dispose()]);
    expect(await answering).toHaveLength(300);
    await expect(classifier.classify(pixels(1), 1)).rejects.toThrow('disposed');
  });

  it('refuses bytes that are no model', async () => {
    await expect(openClassifier(new Uint8Array([1, 2, 3]), { threads: 1 })).rejects.toThrow();
  });
});
