import { parseArgs } from 'node:util';
import { runConfigSchema } from '../../contracts/schemas/run';
import { createNetwork } from '../../lib/model/networks';
import { createRandom } from '../../lib/random';
import { liveTensors } from '../../lib/tensorflow/handles';
import { trainingBatches } from '../../lib/training/batches';
import { createLearner } from '../../lib/training/learner';
import { createObjective } from '../../lib/training/objective';
import { markdownTable } from '../table';

/** Tensors and resident memory over many epochs: neither should grow once it has warmed up. */
const { values: options } = parseArgs({
  options: {
    epochs: { type: 'string', default: '200' },
    pictures: { type: 'string', default: '128' },
    network: { type: 'string', default: 'cnn' },
  },
});

const [epochs, count] = [Number(options.epochs), Number(options.pictures)];
const [side, channels, classes] = [48, 3, 10];
const random = createRandom('memory');
const examples = {
  count,
  shape: [side, side, channels],
  values: Uint8Array.from({ length: count * side * side * channels }, () => random.int(256)),
  labels: Int32Array.from({ length: count }, () => random.int(classes)),
};
const config = runConfigSchema.parse({
  network: { name: options.network },
  ema: 0.99,
  clip_norm: 5,
  augmentation: { rotation: 5, contrast: 0.1, erase: 0.1, mixup: 0.2 },
});
const model = createNetwork(
  config.network,
  { height: side, width: side, channels, classes },
  { mean: [120, 120, 120], std: [60, 60, 60] },
  1,
);
const objective = createObjective({ classes, smoothing: 0.1, weights: undefined });
const learner = createLearner({ model, config, objective, statistics: 'batch' });

interface Seen {
  readonly epoch: number;
  readonly tensors: number;
  /** MB. */
  readonly resident: number;
}

const seen: Seen[] = [];
let step = 0;
for (let epoch = 1; epoch <= epochs; epoch += 1) {
  const { augmentation, seed } = config;
  for (const batch of trainingBatches(examples, { batchSize: 32, augmentation, seed, epoch })) {
    step += 1;
    learner.apply(learner.compute(batch, step), { step, rate: 1e-3 });
  }
  // A checkpoint reads everything.
  learner.state();
  seen.push({ epoch, tensors: liveTensors(), resident: process.memoryUsage().rss / 1e6 });
}

/** Least squares over what comes after the warm-up, in MB an epoch. */
function slopeOf(points: readonly Seen[]): number {
  const mean = (of: (point: Seen) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middle, height] = [mean(({ epoch }) => epoch), mean(({ resident }) => resident)];
  const along = points.reduce((sum, { epoch, resident }) => sum + (epoch - middle) * (resident - height), 0);
  return along / points.reduce((sum, { epoch }) => sum + (epoch - middle) ** 2, 0);
}

const after = seen.slice(Math.floor(epochs / 4));
const shown = seen.filter(({ epoch }) => epoch === 1 || epoch % Math.ceil(epochs / 8) === 0);
console.log(
  markdownTable(
    ['epoch', 'tensors', 'resident MB'],
    shown.map(({ epoch, tensors, resident }) => [String(epoch), String(tensors), resident.toFixed(0)]),
  ),
);
console.log(
  `\nAfter the first quarter: tensors ${[...new Set(after.map(({ tensors }) => tensors))].join(', ')}; ` +
    `resident memory ${slopeOf(after).toFixed(3)} MB an epoch.`,
);
