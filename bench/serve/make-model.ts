import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { championAlias } from '../../contracts/names';
import { networkSchema } from '../../contracts/schemas/network';
import { channelsOf } from '../../contracts/channels';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { loadBackbone } from '../../lib/model/load-backbone';
import type { Ref } from '../../contracts/refs';
import { createNetwork } from '../../lib/model/networks';
import { exportOnnx } from '../../lib/model/onnx/export';
import { createTransfer } from '../../lib/model/transfer';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { putRef, sha256 } from '../../lib/storage/refs';
import { animals } from '../../lib/data/sources/sample/styles';
import type { tf } from '../../lib/tensorflow';

/**
 * Makes a network of seeded weights, registers it as the champion of a home's store, and writes `model.onnx` and its weights beside that
 * for the peers. Arguments: the case, the home, a backbone's folder.
 */
const [name = 'cnn', home = '', backbone = ''] = process.argv.slice(2);

const classes = [...animals];
/** The original's network looks at grey pictures. */
const preprocessing: Preprocessing =
  name === 'cnn' ? { size: 48, color: 'grey', fit: 'contain' } : { size: 224, color: 'rgb', fit: 'contain' };

const backboneSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ weights: z.array(z.looseObject({})) })),
});

async function modelOf(): Promise<tf.LayersModel> {
  const { size } = preprocessing;
  const shape = { height: size, width: size, channels: channelsOf(preprocessing), classes: classes.length };
  if (name === 'cnn') {
    return createNetwork(networkSchema.parse({ name: 'cnn' }), shape, { mean: [120], std: [60] }, 1);
  }
  const network = networkSchema.parse({ name: 'transfer' });
  if (network.name !== 'transfer') throw new Error('transfer');
  const document = backboneSchema.parse(JSON.parse(readFileSync(join(backbone, 'model.json'), 'utf8')));
  const base = await loadBackbone({
    topology: document.modelTopology,
    weights: document.weightsManifest.flatMap(({ weights }) => weights),
    bytes: readFileSync(join(backbone, 'weights.bin')),
  });
  return createTransfer(network, base, shape, 1).model;
}

async function main(): Promise<void> {
  const model = await modelOf();
  const onnx = exportOnnx(model);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'model.onnx'), onnx);
  writeFileSync(join(home, 'classes.json'), JSON.stringify(classes));
  writeWeights(model);

  const store = createFolderStore(join(home, 'store'));
  const registry = createRegistry(store);
  const put = async <T extends string>(file: string, bytes: Uint8Array) =>
    putRef<T>(store, `runs/bench/${file}`, bytes);
  // What is served needs no evaluation and no lineage.
  const nothing = <T extends string>(): Ref<T> => ({ uri: 'store://nothing', sha256: sha256('') });
  const { version } = await registry.register({
    name: 'animals',
    model: {
      classes,
      preprocessing,
      layers: await put('model.json', Buffer.from('{}')),
      weights: await put('weights.bin', Buffer.from('weights')),
      onnx: await put('model.onnx', onnx),
      parity: { maxDifference: 0, pictures: 1 },
    },
    lineage: { run: 'bench', result: nothing(), prepared: nothing(), manifest: nothing() },
    evaluation: nothing(),
    metrics: { accuracy: 0.5, loss: 1, pictures: 10 },
  });
  await registry.moveAlias('animals', championAlias, {
    version,
    expected: undefined,
    by: 'bench',
    reason: 'bench',
  });
}

/** `weights.json` names each weight with its shape, in the order of `weights.f32`. */
function writeWeights(model: tf.LayersModel): void {
  const index = model.weights.map((weight) => ({ name: weight.originalName, shape: weight.shape }));
  const values = model.getWeights().map((weight) => Buffer.from(new Float32Array(weight.dataSync()).buffer));
  writeFileSync(join(home, 'weights.json'), JSON.stringify(index));
  writeFileSync(join(home, 'weights.f32'), Buffer.concat(values));
}

void main();
