import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureType } from '../../contracts/failures';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import { backboneUri, putBackbone } from '../../lib/backbones/backbone';
import { createFolderStore } from '../../lib/storage/folder-store';
import { readJson } from '../../lib/storage/refs';
import { runId } from '../../lib/training/run-id';
import { startTrainer } from '../../lib/training/start-trainer';
import type { TrainerStart } from '../../lib/training/trainer-start';
import { trainerEnvironment } from '../../lib/training/trainer-environment';
import { backboneFiles } from '../support/backbone-files';
import { putBars } from '../support/prepared-bars';
import { smallBackbone } from '../support/small-backbone';
import type { Seen } from '../support/team-steps';

const support = path.join(__dirname, '..', 'support');
const tsx = ['--import', 'tsx'];
const trainer = path.join(support, 'team-trainer.ts');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-parallel-'));
});

afterEach(async () => {
  expect((await started()).filter(({ pid }) => alive(pid))).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function jobIn(place: string, settings: object = {}): Promise<TrainerJob> {
  const storeLocation = path.join(folder, place);
  const prepared = await putBars(createFolderStore(storeLocation));
  const network = { name: 'cnn', filters: [6, 8], dense: 16, dropout: 0.2 };
  const config = runConfigSchema.parse({ network, batch_size: 8, epochs: 6, devices: 2, ...settings });
  return { storeLocation, config, prepared, run: runId(config, prepared) };
}

function train(job: TrainerJob, options: Partial<TrainerStart> = {}): Promise<RunResult> {
  return startTrainer({
    command: [process.execPath, ...tsx, trainer, path.join(folder, 'started')],
    job,
    environment: { ...process.env, TMPDIR: folder },
    onProgress: () => undefined,
    signal: new AbortController().signal,
    stallAfterMs: 60_000,
    ...options,
  }).then((ref) => readJson(createFolderStore(job.storeLocation), ref, runResultSchema));
}

interface Started {
  readonly pid: number;
  readonly k: number;
}

/** Every process that was started, oldest first. */
async function started(): Promise<Started[]> {
  const lines = await readFile(path.join(folder, 'started'), 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pid = NaN, k = NaN] = line.split(' ').map(Number);
      return { pid, k };
    });
}

/** The newest process k. */
async function pidOf(k: number): Promise<number> {
  return (await started()).findLast((process) => process.k === k)?.pid ?? NaN;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function failure(type: FailureType, message: RegExp): unknown {
  return expect.objectContaining({ type, message: expect.stringMatching(message) as unknown });
}

/** Does something once, when the given epoch is learnt from. */
function onceIn(epoch: number, work: () => Promise<void>): (progress: TrainerProgress) => void {
  let done = false;
  return (progress) => {
    if (done || progress.epoch < epoch || progress.phase !== 'training') return;
    done = true;
    void work();
  };
}

describe('a run on two devices', () => {
  it('has its follower killed in mid-run, fails, goes on when tried again, and ends with the same bytes', async () => {
    // The last batch of an epoch has one picture: the first process has no part of it.
    const settings = {
      epochs: 30,
      batch_size: 31,
      network: { name: 'resnet', filters: [4, 6], blocks: 1 },
      ema: 0.9,
    };
    const whole = await train(await jobIn('whole', settings));
    expect(whole.history).toHaveLength(30);

    const job = await jobIn('killed', { ...settings });
    const onProgress = onceIn(4, async () => {
      process.kill(await pidOf(1), 'SIGKILL');
    });
    await expect(train(job, { onProgress })).rejects.toEqual(failure('trainer-died', /Process 2 of 2/));

    const notices: string[] = [];
    const resumed = await train(job, { onNotice: (message) => notices.push(message) });
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
    expect(resumed.history.map(({ validation_loss: loss }) => loss)).toEqual(
      whole.history.map(({ validation_loss: loss }) => loss),
    );
  }, 120_000);

  it('has its leader killed, and its follower ends with it', async () => {
    const job = await jobIn('leaderless', { epochs: 10_000 });
    const onProgress = onceIn(2, async () => {
      process.kill(await pidOf(0), 'SIGKILL');
    });
    await expect(train(job, { onProgress })).rejects.toEqual(
      failure('trainer-died', /Process 1 of 2.*SIGKILL/),
    );
  }, 60_000);

  it('is told to stop, saves, and goes on to the same bytes', async () => {
    const settings = { epochs: 30, checkpoint_every: 10_000 };
    const whole = await train(await jobIn('whole', settings));

    const job = await jobIn('stopped', settings);
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    const onProgress = onceIn(5, () => {
      controller.abort(reason);
      return Promise.resolve();
    });
    await expect(train(job, { onProgress, signal: controller.signal })).rejects.toBe(reason);

    const notices: string[] = [];
    const resumed = await train(job, { onNotice: (message) => notices.push(message) });
    expect(notices).toContainEqual(expect.stringMatching(/^Going on after \d+ steps/));
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
  }, 120_000);

  it('learns a head and then the backbone, stops early in both, and does so alike twice', async () => {
    const network = async (place: string) => {
      const target = createFolderStore(path.join(folder, place));
      const digest = await putBackbone(target, await backboneFiles(smallBackbone()));
      const fine_tune = { from: 'project', epochs: 10, lr: 0.002 };
      return { name: 'transfer', backbone: backboneUri(digest), sha256: digest, dropout: 0.2, fine_tune };
    };
    const settings = {
      epochs: 10,
      lr: 0.05,
      early_stopping: { patience: 2 },
      augmentation: { mixup: 0.4 },
      class_weights: 'balanced',
    };
    const [one, other] = [
      await train(await jobIn('one', { ...settings, network: await network('one') })),
      await train(await jobIn('other', { ...settings, network: await network('other') })),
    ];
    expect(one.history.length).toBeLessThan(20);
    expect(one.history.some(({ epoch }) => epoch > 10)).toBe(true);
    expect(other.history.map(({ validation_loss: loss }) => loss)).toEqual(
      one.history.map(({ validation_loss: loss }) => loss),
    );
    expect(other.model.weights.sha256).toBe(one.model.weights.sha256);
  }, 120_000);

  it('fails as one process where the loss is no longer a number', async () => {
    const job = await jobIn('diverges', { epochs: 30, optimizer: 'sgd', lr: 10, momentum: 0.99 });
    await expect(train(job)).rejects.toEqual(failure('training-diverged', /smaller lr/));
  }, 60_000);

  it('ends where one of its processes stands still', async () => {
    const job = await jobIn('stands', { epochs: 10_000 });
    const onProgress = onceIn(2, async () => {
      process.kill(await pidOf(1), 'SIGSTOP');
    });
    const training = train(job, { onProgress, stallAfterMs: 8000 });
    await expect(training).rejects.toEqual(failure('training-stalled', /no progress/));
  }, 60_000);

  it('ends when its worker is gone, and leaves nothing behind', async () => {
    const job = await jobIn('orphan', { epochs: 10_000 });
    const command = [process.execPath, ...tsx, trainer, path.join(folder, 'started')];
    const worker = [...tsx, path.join(support, 'trainer-parent.ts'), JSON.stringify(job), ...command];
    const parent = spawn(process.execPath, worker, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    });
    await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
    const pids = (await started()).map(({ pid }) => pid);
    expect(pids.map(alive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    while (pids.some(alive)) await after(50);
    expect((await readdir(folder)).filter((name) => name.startsWith('drover-team-'))).toEqual([]);
  }, 60_000);

  it('is refused where there are fewer devices', async () => {
    const job = await jobIn('few', { devices: 3 });
    await expect(train(job, { visibleDevices: ['0', '1'] })).rejects.toEqual(
      failure('start-refused', /3 devices/),
    );
    expect(await started()).toEqual([]);
  });
});

/** What a process sees that learns alone, or what the first of two sees. */
async function learn(settings: object, steps: number, n = 1): Promise<Seen> {
  const storeLocation = path.join(folder, 'steps');
  const perSplit = { train: 40, validation: 3 };
  const prepared = await putBars(createFolderStore(storeLocation), { perSplit });
  const config = runConfigSchema.parse({ batch_size: 16, optimizer: 'adam', ...settings });
  await mkdir(path.join(folder, 'meeting'), { recursive: true });
  const socket = path.join(folder, 'meeting', 's');
  const token = randomBytes(32).toString('hex');
  const answer = path.join(folder, 'answer.json');
  const ends = Array.from({ length: n }, async (_, k) => {
    const part = n > 1 ? { k, n, socket, token } : undefined;
    const of = k === 0 ? answer : path.join(folder, `answer-${k}.json`);
    const asked = JSON.stringify({ storeLocation, prepared, config, part, steps, answer: of });
    const member = spawn(process.execPath, [...tsx, path.join(support, 'team-steps.ts'), asked], {
      env: trainerEnvironment(process.env, { threads: 1 }),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(member, 'exit')).toEqual([0, null]);
  });
  await Promise.all(ends);
  return JSON.parse(await readFile(answer, 'utf8')) as Seen;
}

function relativeDifference(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  const length = (values: readonly number[]): number => Math.hypot(...values);
  return length(a.map((value, at) => value - (b[at] ?? NaN))) / length(b);
}

describe('two processes', () => {
  const cnn = { name: 'cnn', filters: [6, 8], dense: 16, dropout: 0 };

  it('have the gradient of one with the whole batch, and its losses over 50 steps of Adam', async () => {
    const alone = await learn({ network: cnn }, 50);
    const together = await learn({ network: cnn }, 50, 2);
    expect(relativeDifference(together.gradient, alone.gradient)).toBeLessThanOrEqual(1e-5);
    expect(together.losses).toHaveLength(50);
    const most = Math.max(...together.losses.map((loss, at) => Math.abs(loss - (alone.losses[at] ?? NaN))));
    expect(most).toBeLessThanOrEqual(1e-4);
    expect(together.losses.at(-1)).toBeLessThan(together.losses[0] ?? NaN);
  }, 60_000);

  it('drop out what one does that takes the batch in two parts', async () => {
    const network = { ...cnn, dropout: 0.5 };
    const alone = await learn({ network, micro_batch: 8 }, 1);
    const together = await learn({ network }, 1, 2);
    expect(relativeDifference(together.gradient, alone.gradient)).toBeLessThanOrEqual(1e-5);
  }, 60_000);
});
