import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureType } from '../../contracts/failures';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import { createFolderStore } from '../../lib/storage/folder-store';
import { readJson } from '../../lib/storage/refs';
import { runId } from '../../lib/training/run-id';
import { startTrainer, type TrainerStart } from '../../lib/training/start-trainer';
import { putBars } from '../support/prepared-bars';

const trainer = path.join(__dirname, '..', 'support', 'team-trainer.ts');

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
    command: [process.execPath, '--import', 'tsx', trainer, path.join(folder, 'started')],
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
    const settings = { epochs: 30, batch_size: 31, network: { name: 'resnet', filters: [4, 6], blocks: 1 }, ema: 0.9 };
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
});
