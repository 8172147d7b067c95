import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { networkSchema } from '../../contracts/schemas/network';
import { runConfigSchema, type RunConfig } from '../../contracts/schemas/run';
import { loadBackbone } from '../../lib/model/load-backbone';
import { createNetwork } from '../../lib/model/networks';
import { createTransfer } from '../../lib/model/transfer';
import { createRandom } from '../../lib/random';
import { trainingBatches, type Examples } from '../../lib/training/batches';
import { createLearner, type Learner } from '../../lib/training/learner';
import { createObjective } from '../../lib/training/objective';

/** Drover's side: the learner that a run has, on pictures in memory. Arguments: the case, precision, a backbone's folder. */
const [name = 'cnn', precision = 'float32', backbone = ''] = process.argv.slice(2);

const taskSchema = z.object({ steps: z.int(), epochs: z.int().default(1) });
const batchSize = 32;
const classes = 10;
const shapes: Readonly<Record<string, readonly number[]>> = {
  cnn: [48, 48, 1],
  resnet: [64, 64, 3],
  finetune: [224, 224, 3],
  head: [1280],
};
const shape = shapes[name] ?? [];

const backboneSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ weights: z.array(z.looseObject({})) })),
});

async function modelOf(config: RunConfig) {
  const [height = 0, width = 0, channels = 0] = shape;
  const ofPictures = { height, width, channels, classes };
  if (name === 'cnn' || name === 'resnet') {
    const normalisation = { mean: Array<number>(channels).fill(120), std: Array<number>(channels).fill(60) };
    return {
      model: createNetwork(config.network, ofPictures, normalisation, 1),
      statistics: 'batch',
    } as const;
  }
  const network = networkSchema.parse({ name: 'transfer' });
  if (network.name !== 'transfer') throw new Error('transfer');
  const document = backboneSchema.parse(JSON.parse(readFileSync(join(backbone, 'model.json'), 'utf8')));
  const loaded = await loadBackbone({
    topology: document.modelTopology,
    weights: document.weightsManifest.flatMap(({ weights }) => weights),
    bytes: readFileSync(join(backbone, 'weights.bin')),
  });
  const made = createTransfer(network, loaded, { height: 224, width: 224, channels: 3, classes }, 1);
  if (name === 'head') return { model: made.head, statistics: 'moving' } as const;
  made.learnFrom('block_13_expand');
  return { model: made.model, statistics: 'moving' } as const;
}

async function learnerOf(): Promise<Learner> {
  const network = name === 'resnet' ? { name: 'resnet', filters: [32, 64, 128], blocks: 2 } : { name: 'cnn' };
  const config = runConfigSchema.parse({ network, precision, optimizer: 'adamw' });
  const objective = createObjective({ classes, smoothing: 0, weights: undefined });
  return createLearner({ ...(await modelOf(config)), config, objective });
}

function examplesOf(count: number): Examples {
  const random = createRandom('bench');
  const size = shape.reduce((product, length) => product * length, 1);
  const values =
    name === 'head'
      ? Float32Array.from({ length: count * size }, () => random.next())
      : Uint8Array.from({ length: count * size }, () => random.int(256));
  return { count, shape, values, labels: Int32Array.from({ length: count }, () => random.int(classes)) };
}

async function main(): Promise<void> {
  const learner = await learnerOf();
  const all = examplesOf(Number(process.env['BENCH_STEPS']) * batchSize);
  const size = all.values.length / all.count;
  let [step, epoch] = [0, 0];
  for await (const line of createInterface({ input: process.stdin })) {
    const { steps, epochs } = taskSchema.parse(JSON.parse(line));
    const count = steps * batchSize;
    const examples = { ...all, count, values: all.values.subarray(0, count * size) };
    const [start, before] = [performance.now(), process.cpuUsage()];
    for (let at = 0; at < epochs; at += 1) {
      epoch += 1;
      const batches = trainingBatches(examples, { batchSize, augmentation: undefined, seed: 1, epoch });
      for (const batch of batches) {
        step += 1;
        learner.apply(learner.compute(batch, step), { step, rate: 1e-3 });
      }
    }
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - start) / 1e3;
    process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6 })}\n`);
  }
}

void main();
