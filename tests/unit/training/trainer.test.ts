import { readMetrics } from '../../../lib/tracking/metrics/read-metrics';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunRef } from '../../../contracts/refs';
import { runResultSchema, type RunResult } from '../../../contracts/schemas/documents';
import { runConfigSchema, type RunConfig } from '../../../contracts/schemas/run';
import type { TrainerProgress } from '../../../contracts/schemas/trainer';
import { backboneUri, putBackbone } from '../../../lib/backbones/backbone';
import { openPrepared } from '../../../lib/data/prepared-set';
import { openClassifier } from '../../../lib/inference/classifier';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { readJson, readRef } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { liveTensors } from '../../../lib/tensorflow/handles';
import { compareForms } from '../../../lib/training/finish';
import { backboneFiles } from '../../support/backbone-files';
import { loadModel } from '../../support/load-model';
import { runId } from '../../../lib/training/run-id';
import { trainRun, type TrainingHooks } from '../../../lib/training/trainer';
import { smallBackbone } from '../../support/small-backbone';
import { putBars } from '../../support/prepared-bars';

const small = {
  network: { name: 'cnn', filters: [6, 8], kernel: 3, dense: 16, dropout: 0.2 },
  batch_size: 8,
};

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-training-'));
  store = createFolderStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function jobOf(settings: object, bars: Parameters<typeof putBars>[1] = {}) {
  const config: RunConfig = runConfigSchema.parse({ ...small, ...settings });
  const prepared = await putBars(store, bars);
  return { storeLocation: folder, config, prepared, run: runId(config, prepared) };
}

interface Observed {
  readonly progress: TrainerProgress[];
  readonly notices: string[];
  readonly hooks: TrainingHooks;
}

function observe(onProgress: (progress: TrainerProgress) => void = () => undefined): Observed {
  const progress: TrainerProgress[] = [];
  const notices: string[] = [];
  const hooks: TrainingHooks = {
    onProgress(of) {
      progress.push(of);
      onProgress(of);
    },
    onNotice: (message) => void notices.push(message),
    signal: new AbortController().signal,
  };
  return { progress, notices, hooks };
}

/** Stops once the given epoch is under way, as a kill would, but within one process. */
function stopIn(epoch: number): TrainingHooks {
  const controller = new AbortController();
  const { hooks } = observe((progress) => {
    if (progress.epoch === epoch && progress.phase === 'training') controller.abort(new Error('stopped'));
  });
  return { ...hooks, signal: controller.signal };
}

/** Dies once the given epoch is under way, with nothing saved. */
function dieIn(epoch: number): TrainingHooks {
  return observe((progress) => {
    if (progress.epoch === epoch && progress.phase === 'training') throw new Error('died');
  }).hooks;
}

/** Of a run, but for what the clock said. */
function timeless({ history }: RunResult) {
  return history.map((epoch) => ({ ...epoch, seconds: 0, examples_per_second: 0 }));
}

async function resultOf(ref: RunRef): Promise<RunResult> {
  return readJson(store, ref, runResultSchema);
}

async function keys(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list(prefix)) found.push(key);
  return found.sort();
}

describe('a training', () => {
  it('learns 32 pictures by heart', async () => {
    const job = await jobOf({
      epochs: 60,
      lr: 0.01,
      network: { ...small.network, dropout: 0 },
      augmentation: { flip: false, shift: 0, brightness: 0 },
    });
    const { history } = await resultOf(await trainRun(store, job, observe().hooks));
    expect(history.at(-1)?.train_accuracy).toBeGreaterThan(0.95);
    expect(history).toHaveLength(60);
    const lines = await readMetrics(store, job.run);
    const norms = lines.flatMap((line) => (line.kind === 'step' ? [line.gradient_norm] : []));
    expect(norms.length).toBeGreaterThan(0);
    expect(norms.filter((norm) => !Number.isFinite(norm))).toEqual([]);
  });

  it("leaves an offline run for W&B where the operator's settings name a project", async () => {
    const job = await jobOf({ epochs: 1, seed: 11 });
    await trainRun(store, job, { ...observe().hooks, tracking: { wandb: { project: 'pets' } } });
    expect(await keys(`runs/${job.run}/wandb/`)).toContainEqual(
      expect.stringMatching(new RegExp(`/offline-run-[^/]+/run-${job.run}\\.wandb$`)),
    );
  });

  it('keeps the most accurate epoch where it is asked to', async () => {
    const job = await jobOf({ epochs: 4, lr: 0.02, best_by: 'validation_accuracy' });
    const { best, history } = await resultOf(await trainRun(store, job, observe().hooks));
    const [first] = [...history].sort(
      (a, b) => b.validation_accuracy - a.validation_accuracy || a.validation_loss - b.validation_loss,
    );
    expect(best).toEqual(first);
  });

  it('keeps the epoch with the least validation loss, in forms that answer alike', async () => {
    const job = await jobOf({ epochs: 4, lr: 0.02 });
    const result = await resultOf(await trainRun(store, job, observe().hooks));
    const least = Math.min(...result.history.map((epoch) => epoch.validation_loss));
    expect(result.best.validation_loss).toBe(least);
    expect(result.model.parity.pictures).toBe(16);
    expect(result.model.parity.maxDifference).toBeLessThanOrEqual(1e-4);
    expect(result.parameters).toBe(6 * 27 + 6 + (54 * 8 + 8) + (72 * 16 + 16) + (16 * 3 + 3));

    const { layers, weights } = result.model;
    const model = await loadModel({
      layers: await readRef(store, layers),
      weights: await readRef(store, weights),
    });
    const other = await jobOf({ epochs: 1, seed: 2 });
    const strange = await resultOf(await trainRun(store, other, observe().hooks));
    const pictures = {
      count: 4,
      shape: [12, 12, 3],
      values: new Uint8Array(4 * 432).fill(90),
      labels: new Int32Array(4),
    };
    await expect(
      compareForms(model, await readRef(store, strange.model.onnx), pictures),
    ).rejects.toMatchObject({ type: 'export-differs' });
  });

  it('shows its sample as the model is served, the mean over each picture and its mirror image', async () => {
    const job = await jobOf({ epochs: 6, lr: 0.02, average_flip: true, micro_batch: 3 });
    const { model } = await resultOf(await trainRun(store, job, observe().hooks));
    const { images, count } = await (await openPrepared(store, job.prepared)).load('validation');
    const classifier = await openClassifier(await readRef(store, model.onnx), { threads: 1 });
    const answers = await classifier.classify(images, count);
    await classifier.dispose();
    const served = Array.from({ length: count }, (_, at) => Math.max(...answers.slice(at * 3, at * 3 + 3)));
    const page = String(await store.read(`runs/${job.run}/report.html`));
    const rows = page.split('<table class="sample">').slice(1).join().split('<tr').slice(1);
    const shown = rows.flatMap((row) => (row.includes('<img') ? Number(/([\d.]+) %/.exec(row)?.[1]) : []));
    const inOrder = (of: readonly number[]) => of.toSorted((a, b) => a - b);
    expect(shown).toHaveLength(count);
    inOrder(served).forEach((of, at) => {
      // Shown to a tenth.
      expect(Math.abs(of * 100 - (inOrder(shown)[at] ?? NaN))).toBeLessThan(0.07);
    });
  });

  it('is the same to the byte for the same seed, and another for another', async () => {
    const weights: string[] = [];
    for (const [seed, place] of [
      [1, 'a'],
      [1, 'b'],
      [2, 'c'],
    ] as const) {
      store = createFolderStore(path.join(folder, place));
      const result = await resultOf(await trainRun(store, await jobOf({ epochs: 2, seed }), observe().hooks));
      weights.push(result.model.weights.sha256, result.model.onnx.sha256, result.model.layers.sha256);
    }
    expect(weights.slice(3, 6)).toEqual(weights.slice(0, 3));
    expect(weights[6]).not.toBe(weights[0]);
  });

  it.each([
    ['adamw', {}],
    ['adam', { schedule: { name: 'one_cycle' }, label_smoothing: 0.1 }],
    [
      'sgd',
      { ema: 0.9, clip_norm: 1, class_weights: 'balanced', augmentation: { mixup: 0.4, rotation: 10 } },
    ],
    ['adamw', { precision: 'mixed_bfloat16', micro_batch: 3 }],
    ['sgd', { precision: 'mixed_float16', schedule: { name: 'cosine', warmup: 1 } }],
    ['adamw', { network: { name: 'resnet', filters: [4, 6], blocks: 1, dropout: 0.1 } }],
  ])('ends with the same bytes where it was stopped and died on the way (%s %j)', async (optimizer, more) => {
    // Four steps an epoch: a checkpoint lies in the middle of one.
    const settings = { epochs: 5, optimizer, checkpoint_every: '3 steps', ...more };
    const whole = await resultOf(await trainRun(store, await jobOf(settings), observe().hooks));

    store = createFolderStore(path.join(folder, 'interrupted'));
    const job = await jobOf(settings);
    await expect(trainRun(store, job, stopIn(2))).rejects.toThrow('stopped');
    await expect(trainRun(store, job, dieIn(4))).rejects.toThrow('died');
    const { notices, progress, hooks } = observe();
    const resumed = await resultOf(await trainRun(store, job, hooks));

    expect(notices).toEqual(['Going on after 10 steps, in epoch 3 of 5.']);
    expect(progress.find(({ phase }) => phase === 'training')).toMatchObject({ epoch: 3, step: 10 });
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
    expect(resumed.model.onnx.sha256).toBe(whole.model.onnx.sha256);
    expect(timeless(resumed)).toEqual(timeless(whole));
  });

  it('learns a head on kept features, then the upper layers with it; killed in either, the bytes are the same', async () => {
    const network = async () => {
      const digest = await putBackbone(store, await backboneFiles(smallBackbone()));
      const fine_tune = { from: 'project', epochs: 3, lr: 0.001 };
      return { name: 'transfer', backbone: backboneUri(digest), sha256: digest, dropout: 0.2, fine_tune };
    };
    const settings = { epochs: 3, checkpoint_every: '3 steps', lr: 0.02 };
    const whole = await resultOf(
      await trainRun(store, await jobOf({ ...settings, network: await network() }), observe().hooks),
    );
    expect(whole.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(whole.parameters).toBe(16 * 8 + 2 * 8 + 8 * 3 + 3);
    expect((await keys('features/')).map((key) => path.basename(key))).toEqual([
      'train-0000000.bin',
      'validation-0000000.bin',
    ]);

    store = createFolderStore(path.join(folder, 'interrupted'));
    const job = await jobOf({ ...settings, network: await network() });
    await expect(trainRun(store, job, dieIn(2))).rejects.toThrow('died');
    await expect(trainRun(store, job, stopIn(4))).rejects.toThrow('stopped');
    await expect(trainRun(store, job, dieIn(6))).rejects.toThrow('died');
    const resumed = await resultOf(await trainRun(store, job, observe().hooks));
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
    expect(timeless(resumed)).toEqual(timeless(whole));
  });

  it('begins the averages of fine-tuning anew, so that they follow however long the head has learnt', async () => {
    const digest = await putBackbone(store, await backboneFiles(smallBackbone()));
    const backbone = { name: 'transfer', backbone: backboneUri(digest), sha256: digest };
    const weightsOf = async (ema: number, lr: number) => {
      const network = { ...backbone, fine_tune: { from: 'project', epochs: 1, lr } };
      const job = await jobOf({ network, epochs: 20, lr: 0.02, ema });
      const { model } = await resultOf(await trainRun(store, job, observe().hooks));
      return new Float32Array(Uint8Array.from(await readRef(store, model.weights)).buffer);
    };
    const moved = async (ema: number) => {
      const [before, after] = [await weightsOf(ema, 1e-9), await weightsOf(ema, 0.001)];
      return Math.hypot(...after.map((value, at) => value - (before[at] ?? NaN)));
    };
    expect((await moved(0.999)) / (await moved(0))).toBeGreaterThan(0.7);
  });

  it('passes over a damaged checkpoint, says so, and goes on from the one before', async () => {
    const settings = { epochs: 5, checkpoint_every: 1 };
    const whole = await resultOf(await trainRun(store, await jobOf(settings), observe().hooks));

    store = createFolderStore(path.join(folder, 'damaged'));
    const job = await jobOf(settings);
    await expect(trainRun(store, job, dieIn(4))).rejects.toThrow('died');
    const prefix = `runs/${job.run}/checkpoints`;
    const left = await keys(prefix);
    const checkpoints = left.filter((key) => key.endsWith('/checkpoint.json'));
    expect(checkpoints).toEqual(
      ['000000008', '000000012'].map((step) => `${prefix}/${step}/checkpoint.json`),
    );
    const state = left.find((key) => /000000012\/[0-9a-f]{16}\.bin$/.test(key)) ?? '';
    const file = path.join(folder, 'damaged', state);
    await writeFile(file, 'not what was written');

    const { notices, hooks } = observe();
    const resumed = await resultOf(await trainRun(store, job, hooks));
    expect(notices[0]).toMatch(/000000012\/checkpoint\.json is passed over: .*SHA-256/);
    expect(notices[1]).toBe('Going on after 8 steps, in epoch 3 of 5.');
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
  });

  it('ends early where nothing gets better,', async () => {
    const job = await jobOf({ epochs: 50, lr: 1e-9, early_stopping: { patience: 3, min_delta: 0.01 } });
    const { history } = await resultOf(await trainRun(store, job, observe().hooks));
    expect(history).toHaveLength(4);
  });

  it('is not done again where its result stands, and leaves no checkpoint behind', async () => {
    const job = await jobOf({ epochs: 2 });
    const first = await trainRun(store, job, observe().hooks);
    expect(await keys(`runs/${job.run}/checkpoints`)).toEqual([]);
    const { progress, hooks } = observe();
    expect(await trainRun(store, job, hooks)).toEqual(first);
    expect(progress).toEqual([]);
  });

  it('removes the checkpoints that were left where it was killed after writing its result', async () => {
    const job = await jobOf({ epochs: 2 });
    const first = await trainRun(store, job, observe().hooks);
    const left = `runs/${job.run}/checkpoints/00002`;
    await store.write(`${left}/state.bin`, Buffer.from('weights'));
    await store.write(`${left}/checkpoint.json`, Buffer.from('{}'));
    expect(await trainRun(store, job, observe().hooks)).toEqual(first);
    expect(await keys(`runs/${job.run}/checkpoints`)).toEqual([]);
  });

  it('says at every shard that it is still starting, so that a large set does not look like a stall', async () => {
    const { progress, hooks } = observe();
    await trainRun(store, await jobOf({ epochs: 1 }, { shardSize: 4 }), hooks);
    // Eight shards of training pictures, four of validation, and once before.
    expect(progress.filter(({ phase }) => phase === 'starting')).toHaveLength(13);
  });

  it('tells how far it is, in steps of the whole run', async () => {
    const { progress, hooks } = observe();
    await trainRun(store, await jobOf({ epochs: 2 }), hooks);
    expect(progress.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1])).toEqual([
      'starting',
      'training',
      'validating',
      'training',
      'validating',
      'saving',
      'exporting',
    ]);
    expect(progress.at(-1)).toMatchObject({ step: 8, steps: 8, epoch: 2, last: { epoch: 2 } });
    const steps = progress.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('keeps no tensor from one epoch to the next, nor after its end', async () => {
    const counts: number[] = [];
    const before = liveTensors();
    const { hooks } = observe(({ phase }) => {
      if (phase === 'saving') counts.push(liveTensors());
    });
    await trainRun(store, await jobOf({ epochs: 4, checkpoint_every: 1, ema: 0.5 }), hooks);
    expect(counts.length).toBeGreaterThan(3);
    expect(new Set(counts).size).toBe(1);
    expect(liveTensors()).toBe(before);
  });

  it('ends with a diagnosis where the loss is no longer a number', async () => {
    const job = await jobOf({ epochs: 30, optimizer: 'sgd', lr: 10, momentum: 0.99, batch_size: 4 });
    const failure: unknown = await trainRun(store, job, observe().hooks).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'training-diverged' });
    expect(String(failure)).toMatch(
      /step \d+, at a learning rate of 10.0.*The longest gradients: conv1\/kernel \S+,/,
    );
  });

  it('refuses a prepared set that has nothing to validate on', async () => {
    const job = await jobOf({ epochs: 1 }, { perSplit: { train: 8 } });
    await expect(trainRun(store, job, observe().hooks)).rejects.toMatchObject({ type: 'dataset-invalid' });
  });

  it('learns grey pictures too', async () => {
    const job = await jobOf(
      { epochs: 1 },
      { color: 'grey', size: 13, perSplit: { train: 9, validation: 5 } },
    );
    const result = await resultOf(await trainRun(store, job, observe().hooks));
    expect(result.model.parity.pictures).toBe(5);
  });
});
