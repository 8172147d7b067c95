import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { networkSchema, type NetworkNamed } from '../../../contracts/schemas/network';
import { openClassifier } from '../../../lib/inference/classifier';
import { loadBackbone } from '../../../lib/model/load-backbone';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { saveModel } from '../../../lib/model/save';
import { createTransfer } from '../../../lib/model/transfer';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';
import { smallBackbone } from '../../support/small-backbone';
import { loadModel } from '../../support/load-model';

const folder = path.join(__dirname, '../../../../shared/data/backbone/mobilenet_v2_035_224_features_tfjs');

function settings(more: object = {}): NetworkNamed<'transfer'> {
  const network = networkSchema.parse({ name: 'transfer', ...more });
  if (network.name !== 'transfer') throw new Error('transfer');
  return network;
}

function answerOf(model: tf.LayersModel, pixels: Uint8Array, shape: readonly number[]): Float32Array {
  let answer = new Float32Array(0);
  tf.tidy(() => {
    const logits = model.predictOnBatch(tf.tensor(Float32Array.from(pixels), [...shape]));
    if (Array.isArray(logits)) throw new Error('one output');
    answer = Float32Array.from(logits.dataSync());
  });
  return answer;
}

const softmaxRows = (logits: Float32Array, classes: number): number[] =>
  Array.from({ length: logits.length / classes }, (_, row) => {
    const powers = [...logits.subarray(row * classes, (row + 1) * classes)].map(Math.exp);
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }).flat();

async function expectParity(
  model: tf.LayersModel,
  shape: readonly [number, number, number],
  classes: number,
) {
  const count = 5;
  const random = createRandom('pixels');
  const pixels = Uint8Array.from({ length: count * shape[0] * shape[1] * shape[2] }, () => random.int(256));
  const expected = softmaxRows(answerOf(model, pixels, [count, ...shape]), classes);
  const classifier = await openClassifier(exportOnnx(model), { threads: 1 });
  const answered = await classifier.classify(pixels, count);
  await classifier.dispose();
  answered.forEach((value, at) => expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThanOrEqual(1e-4));
}

describe('the ONNX form', () => {
  it.each([
    [17, 13, 3, [4, 6, 8], 2],
    [12, 12, 1, [3, 5], 1],
  ] as const)(
    'of a residual network answers as TensorFlow does (%i × %i × %i)',
    async (height, width, channels, filters, blocks) => {
      const model = createNetwork(
        { name: 'resnet', filters: [...filters], blocks, dropout: 0.2 },
        { height, width, channels, classes: 4 },
        { mean: Array<number>(channels).fill(110), std: Array<number>(channels).fill(55) },
        3,
      );
      await expectParity(model, [height, width, channels], 4);
    },
  );

  it('of a network on a backbone with everything that MobileNet has answers as TensorFlow does', async () => {
    const shape = { height: 21, width: 18, channels: 3, classes: 4 };
    const { model } = createTransfer(settings({ dense: 6, dropout: 0.1 }), smallBackbone(), shape, 3);
    await expectParity(model, [21, 18, 3], 4);
  });
});

describe('a network on a backbone', () => {
  const shape = { height: 16, width: 16, channels: 3, classes: 4 };

  it('is the head on the features, and is saved and loaded as one', async () => {
    const { model, features, head } = createTransfer(settings({ dense: 6 }), smallBackbone(), shape, 3);
    const pixels = Uint8Array.from({ length: 2 * 16 * 16 * 3 }, (_, at) => (at * 37) % 256);
    const whole = answerOf(model, pixels, [2, 16, 16, 3]);
    const kept = answerOf(features, pixels, [2, 16, 16, 3]);
    tf.tidy(() => {
      const logits = head.predictOnBatch(tf.tensor2d(kept, [2, kept.length / 2]));
      if (Array.isArray(logits)) throw new Error('one output');
      expect([...logits.dataSync()]).toEqual([...whole]);
    });
    const loaded = await loadModel(await saveModel(model));
    expect([...answerOf(loaded, pixels, [2, 16, 16, 3])]).toEqual([...whole]);
  });

  it('gives the same bytes each time, whatever was made before in the process', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => saveModel(createTransfer(settings(), smallBackbone(), shape, 3).model)),
    );
    expect(second).toEqual(first);
  });

  it('learns from the layer on that it is told, and nothing below', () => {
    const { model, learnFrom } = createTransfer(settings(), smallBackbone(), shape, 3);
    const learning = () =>
      model.layers.filter((layer) => layer.trainable && layer.weights.length > 0).map(({ name }) => name);
    expect(learning()).toEqual(['logits']);
    learnFrom('project');
    expect(learning()).toEqual(['project', 'project_norm', 'logits']);
    expect(() => learnFrom('projct')).toThrow(/fine_tune.from.*did you mean "project"/);
  });

  it('refuses grey pictures', () => {
    expect(() => createTransfer(settings(), smallBackbone(), { ...shape, channels: 1 }, 3)).toThrow(
      /grey.*preprocess.color/,
    );
  });

  const there = existsSync(folder);
  (there ? it : it.skip)(
    `answers alike in ONNX with MobileNet's own weights${there ? '' : ' (skipped: no backbone here)'}`,
    async () => {
      const document = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8')) as {
        modelTopology: object;
        weightsManifest: { weights: object[] }[];
      };
      const backbone = await loadBackbone({
        topology: document.modelTopology,
        weights: document.weightsManifest.flatMap(({ weights }) => weights),
        bytes: readFileSync(path.join(folder, 'weights.bin')),
      });
      const { model } = createTransfer(
        settings(),
        backbone,
        { height: 96, width: 96, channels: 3, classes: 10 },
        1,
      );
      await expectParity(model, [96, 96, 3], 10);
    },
    60_000,
  );
});
