import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Contestant } from '../contestant';
import { medianOf, ratioOfMedians } from '../figures';
import { pythonPeers } from '../peers';
import { markdownTable } from '../table';

/** Pictures a second in training, beside Keras' `fit` and a PyTorch loop, in turn. See bench/README.md. */

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: 'cnn,side-by-side,bfloat16,resnet,finetune,head' },
    rounds: { type: 'string', default: '11' },
    threads: { type: 'string', default: '2' },
    backbone: {
      type: 'string',
      default: join(__dirname, '../../../shared/data/backbone/mobilenet_v2_035_224_features_tfjs'),
    },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    out: { type: 'string', default: 'bench-train.json' },
  },
});

interface Case {
  /** The network, as each side's script knows it. */
  readonly network: 'cnn' | 'resnet' | 'finetune' | 'head';
  readonly title: string;
  /** Steps a round and epochs of them. */
  readonly task: { readonly steps: number; readonly epochs?: number };
  readonly drover: { readonly precision?: string; readonly sideBySide?: boolean };
  readonly torch?: boolean;
  /** In pictures a second where not; else seconds for the whole task. */
  readonly inSeconds?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  cnn: { network: 'cnn', title: "the original's network", task: { steps: 60 }, drover: {}, torch: true },
  'side-by-side': {
    network: 'cnn',
    title: 'two runs of it side by side, a thread each, beside one Keras with all threads',
    task: { steps: 40 },
    drover: { sideBySide: true },
  },
  bfloat16: {
    network: 'cnn',
    title: 'it in mixed_bfloat16, beside Keras in float32',
    task: { steps: 60 },
    drover: { precision: 'mixed_bfloat16' },
  },
  resnet: { network: 'resnet', title: 'a residual network at 64 × 64', task: { steps: 8 }, drover: {} },
  finetune: {
    network: 'finetune',
    title: 'the upper blocks of MobileNetV2 0.35 at 224 × 224',
    task: { steps: 6 },
    drover: {},
  },
  head: {
    network: 'head',
    title: 'a head on kept features, 30 epochs of 2,400 pictures',
    task: { steps: 75, epochs: 30 },
    drover: {},
    inSeconds: true,
  },
};

const batchSize = 32;

/** Keras as its users have it: from an array and through tf.data, by TensorFlow's kernels and compiled by XLA. */
const kerasWays = [
  { name: 'Keras, from an array', ways: ['plain', 'numpy'] },
  { name: 'Keras, through tf.data', ways: ['plain', 'dataset'] },
  { name: 'Keras, XLA', ways: ['xla', 'numpy'] },
];

async function compare(of: Case, python: string): Promise<Record<string, number[]>> {
  const environment = (threads: string) => ({
    BENCH_THREADS: threads,
    BENCH_STEPS: String(of.task.steps),
    TF_NUM_INTRAOP_THREADS: threads,
    OMP_NUM_THREADS: threads,
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '3',
    CUDA_VISIBLE_DEVICES: '-1',
  });
  const { sideBySide = false, precision = 'float32' } = of.drover;
  const script = join(__dirname, sideBySide ? 'side-by-side.ts' : 'drover.ts');
  const contestants = [
    new Contestant({
      name: 'Drover',
      command: [process.execPath, '--import', 'tsx', script, of.network, precision, options.backbone],
      environment: environment(sideBySide ? '1' : options.threads),
    }),
    ...kerasWays.map(
      ({ name, ways }) =>
        new Contestant({
          name,
          command: [python, join(__dirname, 'peers', 'keras_fit.py'), of.network, ...ways],
          environment: environment(options.threads),
        }),
    ),
    ...(of.torch === true
      ? [
          new Contestant({
            name: 'PyTorch',
            command: [python, join(__dirname, 'peers', 'torch_train.py')],
            environment: environment(options.threads),
          }),
        ]
      : []),
  ];
  const pictures = of.task.steps * (of.task.epochs ?? 1) * batchSize * (sideBySide ? 2 : 1);
  const values: Record<string, number[]> = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  for (let round = -2; round < Number(options.rounds); round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(turn + Math.max(0, round)) % contestants.length];
      if (contestant === undefined) continue;
      const { seconds } = await contestant.measure(of.task);
      const own = contestant.name === 'Drover' ? pictures : pictures / (sideBySide ? 2 : 1);
      // The first two are for compiling and for caches.
      if (round >= 0) values[contestant.name]?.push(of.inSeconds === true ? seconds : own / seconds);
    }
  }
  for (const contestant of contestants) contestant.stop();
  return values;
}

function show(of: Case, values: Readonly<Record<string, number[]>>): void {
  const ours = values['Drover'] ?? [];
  const decimals = of.inSeconds === true ? 2 : 0;
  const rows = Object.entries(values).map(([name, own]) => {
    const { ratio, low, high } = ratioOfMedians(ours, own);
    const range = `${Math.min(...own).toFixed(decimals)}–${Math.max(...own).toFixed(decimals)}`;
    const versus = name === 'Drover' ? ['', ''] : [ratio.toFixed(2), `${low.toFixed(2)}–${high.toFixed(2)}`];
    return [name, medianOf(own).toFixed(decimals), range, ...versus];
  });
  const unit = of.inSeconds === true ? 'seconds' : 'pictures/s';
  console.log(`\n${of.title}\n`);
  console.log(markdownTable(['', unit, 'range', 'Drover / it', '95 % of it'], rows));
}

async function main(): Promise<void> {
  const python = await pythonPeers(options.cache, join(__dirname, '..', 'python', 'requirements.txt'));
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  console.log(`${machine}; batch ${batchSize}, ${options.threads} threads, ${options.rounds} rounds in turn`);
  const results: Record<string, Record<string, number[]>> = {};
  for (const name of options.cases.split(',')) {
    const of = cases[name];
    if (of === undefined) throw new Error(`No case ${name}; there are ${Object.keys(cases).join(', ')}`);
    if ((of.network === 'finetune' || of.network === 'head') && !existsSync(options.backbone)) {
      console.log(`\n${of.title}: skipped, no backbone in ${options.backbone} (--backbone)`);
      continue;
    }
    const values = await compare(of, python);
    show(of, values);
    results[name] = values;
  }
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ machine, options, results }, null, 2)}\n`);
  console.log(`\nWritten to ${options.out}`);
}

void main();
