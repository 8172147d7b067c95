import { describe, expect, it } from '@jest/globals';
import { networkSchema } from '../../../contracts/schemas/network';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { compareForms } from '../../../lib/training/finish';

describe('compareForms', () => {
  it('compares the answers of thousands of classes', async () => {
    const shape = { height: 8, width: 8, channels: 3, classes: 2500 };
    const network = networkSchema.parse({ name: 'cnn', filters: [4], dense: 8 });
    const model = createNetwork(network, shape, { mean: [90, 90, 90], std: [40, 40, 40] }, 1);
    const count = 64;
    const values = Uint8Array.from({ length: count * 8 * 8 * 3 }, (_, at) => (at * 37) % 256);
    const pictures = { count, shape: [8, 8, 3], values, labels: new Int32Array(count) };

    const { maxDifference } = await compareForms(model, exportOnnx(model), pictures);

    expect(maxDifference).toBeLessThan(1e-6);
    model.dispose();
  });
});
