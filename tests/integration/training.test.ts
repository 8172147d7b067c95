import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FailureType } from '../../contracts/failures';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import { runConfigSchema } from '../../contracts/schemas/run';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import { createFolderStore } from '../../lib/storage/folder-store';
import { readJson } from '../../lib/storage/refs';
import { runId } from '../../lib/training/run-id';
import { startTrainer } from '../../lib/training/start-trainer';
import { environmentOn } from '../../lib/training/trainer-environment';
import type { TrainerStart } from '../../lib/training/trainer-start';
import { WarmTrainers } from '../../lib/training/warm-trainers';
import { putBars } from '../support/prepared-bars';

const node = process.execPath;
const tsx = ['--import', 'tsx'];
const support = path.join(__dirname, '..', 'support');

let folder: string;
let pidFile: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-trainer-'));
  pidFile = path.join(folder, 'trainer.pid');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function jobIn(place: string, settings: object = {}): Promise<TrainerJob> {
  const storeLocation = path.join(folder, place);
  const prepared = await putBars(createFolderStore(storeLocation));
  const network = { name: 'cnn', filters: [6, 8], dense: 16, dropout: 0.2 };
  const config = runConfigSchema.parse({ network, batch_size: 8, epochs: 6, ...settings });
  return { storeLocation, config, prepared, run: runId(config, prepared) };
}

function train(job: TrainerJob, options: Partial<TrainerStart> = {}): Promise<RunResult> {
  return startTrainer({
    command: [node, ...tsx, path.join(support, 'trainer.ts'), pidFile],
    job,
    environment: process.env,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    stallAfterMs: 60_000,
    ...options,
  }).then((ref) => readJson(createFolderStore(job.storeLocation), ref, runResultSchema));
}

async function trainerPid(): Promise<number> {
  return Number(await readFile(pidFile, 'utf8'));
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A program in the trainer's place, for what a trainer does only when something is wrong with it. */
function instead(script: string): readonly string[] {
  return [node, '-e', script];
}

function failure(type: FailureType, message: RegExp): unknown {
  return expect.objectContaining({ type, message: expect.stringMatching(message) as unknown });
}

describe('a trainer process', () => {
  it('is killed in mid-run, started again, and ends with the bytes of one that was not', async () => {
    // Long enough that it can't end before the signal reaches it.
    const settings = { epochs: 30, checkpoint_every: '5 steps' };
    const whole = await train(await jobIn('whole', settings));
    expect(whole.environment.threads).toBe(1);

    const job = await jobIn('killed', settings);
    let killed = false;
    const kill = async ({ epoch, phase }: TrainerProgress): Promise<void> => {
      if (killed || epoch < 4 || phase !== 'training') return;
      killed = true;
      process.kill(await trainerPid(), 'SIGKILL');
    };
    const first = train(job, { onProgress: (progress) => void kill(progress) });
    await expect(first).rejects.toEqual(failure('trainer-died', /SIGKILL/));

    const notices: string[] = [];
    const resumed = await train(job, { onNotice: (message) => notices.push(message) });
    expect(notices).toContainEqual(expect.stringMatching(/^Going on after \d+ steps, in epoch \d+ of 30\.$/));
    expect(resumed.model.weights.sha256).toBe(whole.model.weights.sha256);
    expect(resumed.model.onnx.sha256).toBe(whole.model.onnx.sha256);
  }, 120_000);

  it('saves where it is and ends when it is no longer wanted, and its caller hears why', async () => {
    const controller = new AbortController();
    const reason = new Error('not wanted any more');
    const job = await jobIn('aborted', { epochs: 10_000 });
    const training = train(job, {
      onProgress: ({ phase }) => phase === 'training' && controller.abort(reason),
      signal: controller.signal,
    });
    await expect(training).rejects.toBe(reason);
    expect(alive(await trainerPid())).toBe(false);
    const kept = await readdir(path.join(job.storeLocation, 'runs', job.run, 'checkpoints'));
    expect(kept).toHaveLength(1);
    await expect(train(job, { signal: controller.signal })).rejects.toBe(reason);
  }, 60_000);

  it('goes on through Ctrl-C, which is for its worker to act on, and ends on SIGTERM', async () => {
    let reports = 0;
    const job = await jobIn('signals', { epochs: 10_000, checkpoint_every: 10_000 });
    const onProgress = async ({ phase }: TrainerProgress): Promise<void> => {
      if (phase !== 'training') return;
      reports += 1;
      if (reports === 1) process.kill(await trainerPid(), 'SIGINT');
      if (reports === 20) process.kill(await trainerPid(), 'SIGTERM');
    };
    const training = train(job, { onProgress: (progress) => void onProgress(progress) });
    await expect(training).rejects.toEqual(failure('trainer-died', /code 143/));
    expect(reports).toBeGreaterThanOrEqual(20);
  }, 60_000);

  it('ends when its worker is gone', async () => {
    const job = await jobIn('orphan', { epochs: 10_000 });
    const trainer = [node, ...tsx, path.join(support, 'trainer.ts'), pidFile];
    const worker = [...tsx, path.join(support, 'trainer-parent.ts'), JSON.stringify(job), ...trainer];
    const parent = spawn(node, worker, {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
    const pid = await trainerPid();
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    while (alive(pid)) await after(50);
  }, 60_000);

  it('hands its failure over with type and message', async () => {
    const job = await jobIn('diverges', { epochs: 30, optimizer: 'sgd', lr: 10, momentum: 0.99 });
    await expect(train(job)).rejects.toEqual(failure('training-diverged', /smaller lr/));
  }, 60_000);

  it('is not started by hand', async () => {
    const trainer = spawn(node, [...tsx, path.join(support, 'trainer.ts')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    trainer.stderr.on('data', (text: Buffer) => (said += text.toString()));
    expect(await once(trainer, 'close')).toEqual([1, null]);
    expect(said).toContain('A trainer is started by a worker');
  });
});

describe('a worker', () => {
  it('ends a trainer that says nothing more', async () => {
    const command = instead("process.on('message', () => undefined)");
    const training = train(await jobIn('stuck'), { command, stallAfterMs: 300 });
    await expect(training).rejects.toEqual(failure('training-stalled', /set DROVER_STALL_SECONDS to more/));
  });

  it('tells the last words of a trainer that died', async () => {
    const command = instead("console.error('Cannot allocate memory'); process.exit(3)");
    await expect(train(await jobIn('dies'), { command })).rejects.toEqual(
      failure('trainer-died', /ended with code 3\. Its last words:\nCannot allocate memory/),
    );
  });

  it('says so where there is no such program', async () => {
    const command = [path.join(folder, 'nothing-here')];
    await expect(train(await jobIn('none'), { command })).rejects.toEqual(
      failure('trainer-died', /could not be started/),
    );
  });

  it('ends a trainer that speaks another language', async () => {
    const command = instead("process.send({ kind: 'poem' }); process.on('message', () => undefined)");
    await expect(train(await jobIn('poet'), { command })).rejects.toThrow('no report');
  });
});

describe('a trainer that waits', () => {
  let warm: WarmTrainers;

  beforeEach(() => {
    warm = new WarmTrainers({ most: 2 });
  });

  afterEach(() => {
    warm.close();
  });

  async function gone(pid: number): Promise<void> {
    while (alive(pid)) await after(20);
  }

  it('does other jobs, each to the bytes that a trainer of its own makes', async () => {
    const other = await jobIn('warm', { network: { name: 'resnet', filters: [4, 6], blocks: 1 }, seed: 5 });
    const job = await jobIn('warm');
    await train(other, { warm });
    const pid = await trainerPid();
    expect(warm.size).toBe(1);
    const second = await train(job, { warm });
    // Nobody wrote another process id.
    expect(await trainerPid()).toBe(pid);
    const own = await train(await jobIn('own'));
    expect(await trainerPid()).not.toBe(pid);
    expect(second.model.weights.sha256).toBe(own.model.weights.sha256);
    expect(second.model.layers.sha256).toBe(own.model.layers.sha256);
    expect(second.model.onnx.sha256).toBe(own.model.onnx.sha256);
    warm.close();
    await gone(pid);
  }, 120_000);

  it('takes no job with other threads', async () => {
    await train(await jobIn('one', { epochs: 1 }), { warm });
    const pid = await trainerPid();
    await train(await jobIn('one', { epochs: 1, threads: 2 }), { warm });
    expect(await trainerPid()).not.toBe(pid);
    expect(warm.size).toBe(2);
  }, 60_000);

  it('is replaced where it died meanwhile', async () => {
    await train(await jobIn('one', { epochs: 1 }), { warm });
    process.kill(await trainerPid(), 'SIGKILL');
    const { history } = await train(await jobIn('one', { epochs: 2 }), { warm });
    expect(history).toHaveLength(2);
  }, 60_000);

  it('ends when it is told to stop in the middle of a job', async () => {
    await train(await jobIn('one', { epochs: 1 }), { warm });
    const pid = await trainerPid();
    const controller = new AbortController();
    const training = train(await jobIn('one', { epochs: 10_000 }), {
      warm,
      onProgress: ({ phase }) => phase === 'training' && controller.abort(new Error('enough')),
      signal: controller.signal,
    });
    await expect(training).rejects.toThrow('enough');
    expect(alive(pid)).toBe(false);
    expect(warm.size).toBe(0);
  }, 60_000);

  it('hands the failure of a later job over, and ends', async () => {
    await train(await jobIn('one', { epochs: 1 }), { warm });
    const pid = await trainerPid();
    const job = await jobIn('one', { epochs: 2 });
    const absent = { ...job.prepared, uri: 'store://prepared/absent/index.json' };
    await expect(train({ ...job, prepared: absent }, { warm })).rejects.toEqual(
      failure('not-found', /absent/),
    );
    expect(alive(pid)).toBe(false);
  }, 60_000);

  it('ends once nobody has wanted it for a while, and when there are too many', async () => {
    const few = new WarmTrainers({ most: 1, waitMs: 100 });
    await train(await jobIn('one', { epochs: 1 }), { warm: few });
    await gone(await trainerPid());
    expect(few.size).toBe(0);
    const one = new WarmTrainers({ most: 1 });
    await train(await jobIn('one', { epochs: 2 }), { warm: one });
    const pid = await trainerPid();
    await train(await jobIn('one', { epochs: 2, threads: 2 }), { warm: one });
    await gone(pid);
    expect(one.size).toBe(1);
    one.close();
  }, 60_000);

  it('gives its GPU to a trainer of another kind', async () => {
    await train(await jobIn('one', { epochs: 1 }), { warm, visibleDevices: ['0'] });
    const pid = await trainerPid();
    await train(await jobIn('one', { epochs: 1, threads: 2 }), { warm, visibleDevices: ['0'] });
    await gone(pid);
    expect(warm.size).toBe(1);
  }, 60_000);

  it('stays where the other has no GPU either', async () => {
    const environment = environmentOn('cpu', process.env);
    await train(await jobIn('one', { epochs: 1 }), { warm, environment });
    await train(await jobIn('one', { epochs: 1, threads: 2 }), { warm, environment });
    expect(warm.size).toBe(2);
  }, 60_000);
});
