import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import { writePhotographs } from '../photographs';
import { markdownTable } from '../table';

/**
 * How well real photographs are told apart: whole trainings by `drover train --local`, of several seeds, on a
 * folder with a `manifest.csv` that has a `file`, a `label` and a `split` column. See bench/README.md.
 */
const shared = resolve(__dirname, '../../../shared/data');
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: 'head,fine-tune,scratch,original,original-bfloat16' },
    seeds: { type: 'string', default: '1,2,3' },
    pictures: { type: 'string', default: join(shared, 'animals10') },
    backbone: {
      type: 'string',
      default: join(shared, 'backbone/mobilenet_v2_035_224_features_tfjs/model.json'),
    },
    work: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench', 'accuracy') },
  },
});

interface Case {
  readonly title: string;
  /** As a `train` configuration has it. */
  readonly config: unknown;
  readonly preprocess: readonly string[];
}

const augmentation = { flip: true, shift: 0, crop: 0.3, brightness: 0.1, contrast: 0.1, saturation: 0.1 };
const transfer = { name: 'transfer', backbone: options.backbone, dropout: 0.3 };
const common = { schedule: { name: 'cosine' }, weight_decay: 0.01, label_smoothing: 0.1, threads: 2 };
const scratch = {
  ...common,
  network: { name: 'resnet', filters: [16, 32, 64, 128], blocks: 1 },
  epochs: 50,
  batch_size: 64,
  lr: 0.004,
  schedule: { name: 'one_cycle' },
  weight_decay: 0.05,
  ema: 0.99,
  augmentation: { ...augmentation, shift: 0.1 },
};
const original = {
  network: { name: 'cnn', filters: [32, 64], kernel: 3, dense: 128, dropout: 0 },
  epochs: 12,
  optimizer: 'adam',
  lr: 0.001,
  threads: 1,
};
const cases: Readonly<Record<string, Case>> = {
  head: {
    title: 'a linear head on MobileNetV2 0.35',
    config: { ...common, network: transfer, epochs: 20, lr: 0.002 },
    preprocess: ['preprocess.size=224', 'preprocess.fit=cover'],
  },
  'fine-tune': {
    title: 'its upper blocks as well',
    config: {
      ...common,
      network: { ...transfer, fine_tune: { from: 'block_13_expand', epochs: 15, lr: 0.0001 } },
      ema: 0.99,
      epochs: 20,
      lr: 0.002,
      augmentation,
      average_flip: true,
    },
    preprocess: ['preprocess.size=224', 'preprocess.fit=cover'],
  },
  scratch: {
    title: 'a small residual network from a random start, 64 × 64',
    config: scratch,
    preprocess: ['preprocess.size=64', 'preprocess.fit=cover'],
  },
  original: {
    title: "the original's network, 12 epochs, 64 × 64",
    config: original,
    preprocess: ['preprocess.size=64', 'preprocess.fit=cover'],
  },
  'original-bfloat16': {
    title: 'the same in mixed_bfloat16',
    config: { ...original, precision: 'mixed_bfloat16' },
    preprocess: ['preprocess.size=64', 'preprocess.fit=cover'],
  },
};

const resultSchema = z.object({
  run: z.string(),
  test: z.object({ accuracy: z.number(), pictures: z.int() }),
});

async function trained(name: string, of: Case, seed: string, manifest: string): Promise<number> {
  const config = join(options.work, 'configs', `${name}.yaml`);
  writeFileSync(config, stringify(of.config));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      resolve(__dirname, '../../bin/drover.js'),
      ...['train', '--local', `configs/${name}.yaml`, `seed=${seed}`, ...of.preprocess],
      ...['--data', manifest, '--json'],
    ],
    {
      cwd: options.work,
      env: {
        ...process.env,
        DROVER_HOME: join(options.work, 'home'),
        DROVER_ALLOWED_ROOTS: [options.pictures, resolve(options.backbone, '..'), options.work].join(':'),
      },
      maxBuffer: 64e6,
    },
  );
  return resultSchema.parse(JSON.parse(stdout)).test.accuracy;
}

/** Student's t for 95 % on both sides, by degrees of freedom. */
const t95 = [NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

async function main(): Promise<void> {
  if (!existsSync(join(options.pictures, 'manifest.csv'))) {
    console.log(`Skipped: no manifest.csv in ${options.pictures} (--pictures)`);
    return;
  }
  mkdirSync(join(options.work, 'configs'), { recursive: true });
  const manifest = join(options.work, 'pictures.csv');
  writePhotographs(options.pictures, manifest);
  const rows: string[][] = [];
  for (const name of options.cases.split(',')) {
    const of = cases[name];
    if (of === undefined) throw new Error(`No case ${name}; there are ${Object.keys(cases).join(', ')}`);
    const accuracies: number[] = [];
    for (const seed of options.seeds.split(',')) {
      accuracies.push(await trained(name, of, seed, manifest));
      console.error(`${name}, seed ${seed}: ${accuracies.at(-1)?.toFixed(4) ?? ''}`);
    }
    const n = accuracies.length;
    const mean = accuracies.reduce((sum, each) => sum + each, 0) / n;
    const spread = Math.sqrt(accuracies.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1));
    const half = ((t95[n - 1] ?? NaN) * spread) / Math.sqrt(n);
    rows.push([
      of.title,
      mean.toFixed(3),
      `± ${half.toFixed(3)}`,
      accuracies.map((each) => each.toFixed(3)).join(', '),
    ]);
  }
  console.log(markdownTable(['', 'top-1', '95 % of the mean', 'each seed'], rows));
}

void main();
