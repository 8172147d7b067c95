import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { queues } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import { runResultSchema, type RunResult } from '../../contracts/schemas/documents';
import type { Leaderboard } from '../../contracts/progress';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { startTrainer } from '../../lib/training/start-trainer';
import { openStore } from '../../lib/storage/open-store';
import { readJson } from '../../lib/storage/refs';
import { ingest, preprocess, sweep } from '../../workflows';
import { freePort } from '../support/free-port';
import { connectTo, spawnTemporal } from '../support/temporal-server';

jest.setTimeout(300_000);

const home = mkdtempSync(join(tmpdir(), 'drover-kill-'));
const drover = resolve('bin', 'drover.js');
const processes = new Map<string, ChildProcess>();
let client: Client;
let environment: NodeJS.ProcessEnv;
let port: number;

const settings = readSettings({ DROVER_HOME: home }, resolve('.'));
const store = openStore(settings.store);

/** Long enough for every kill to land in the middle of it: 1000 steps, with a checkpoint after every fifth. */
const training = { epochs: 200, checkpoint_every: 1, network: { name: 'cnn', filters: [8, 16], dense: 32 } };
const steps = 1000;

function start(name: string, command: string, args: readonly string[]): void {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  processes.set(name, child);
}

async function kill(...names: readonly string[]): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const child = processes.get(name);
      if (child?.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((ended) => child.once('exit', ended));
      child.kill('SIGKILL');
      await gone;
    }),
  );
}

function startServer(): void {
  processes.set('temporal', spawnTemporal(port, home));
}

function startWorker(): void {
  start('worker', process.execPath, [drover, 'worker', '--queue', 'ml', '--queue', 'cpu']);
}

function startGpuWorker(): void {
  start('worker-gpu', process.execPath, [drover, 'worker', '--queue', 'gpu']);
}

/** Waits for something to become true, and says what it was waiting for where it never does. */
async function until(what: string, check: () => Promise<boolean>, seconds = 90): Promise<void> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    if (await check().catch(() => false)) return;
    await new Promise((wait) => setTimeout(wait, 200));
  }
  throw new Error(`waited ${seconds} s in vain for ${what}`);
}

/** After how many steps the newest checkpoint was saved. */
async function lastCheckpoint(): Promise<number> {
  let newest = 0;
  for await (const key of store.list('runs/')) {
    const step = /checkpoints\/(\d+)\/checkpoint\.json$/.exec(key)?.[1];
    newest = Math.max(newest, Number(step ?? 0));
  }
  return newest;
}

beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  port = await freePort();
  environment = {
    ...process.env,
    DROVER_HOME: home,
    DROVER_TEMPORAL_PORT: String(port),
    DROVER_LOG_LEVEL: 'error',
  };
  startServer();
  client = new Client({ connection: await connectTo(port) });
  startWorker();
  startGpuWorker();
}, 120_000);

afterAll(async () => {
  await kill(...processes.keys());
  await client.connection.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a sweep, killed without warning', () => {
  it('goes on after kill -9 of a worker, and of everything, and gives the model that it would have given', async () => {
    await prepareFew();
    const handle = await client.workflow.start(sweep, {
      workflowId: 'sweep-killed',
      taskQueue: queues.ml,
      args: [
        {
          config: { method: 'random', parameters: { lr: { values: [0.002] } }, run_cap: 1, train: training },
          overrides: [],
        },
      ],
    });
    await until('a checkpoint', async () => (await lastCheckpoint()) > 0);
    await kill('worker-gpu');
    const atFirstKill = await lastCheckpoint();
    startGpuWorker();
    await until('training to go on', async () => (await lastCheckpoint()) > atFirstKill);

    await kill('worker', 'worker-gpu', 'temporal');
    const atSecondKill = await lastCheckpoint();
    expect(atSecondKill).toBeLessThan(steps);
    startServer();
    startWorker();
    startGpuWorker();
    const result = await handle.result();

    expect(result).toMatchObject({ trials: 1, failed: 0 });
    const board = await handle.query<Leaderboard>('leaderboard');
    expect(board.rows).toHaveLength(1);
    const record = await handle.query<SweepRecord>('record');
    expect(record.trials.map(({ values }) => values?.length)).toEqual([training.epochs]);

    const resumed = await readJson(store, result.best.result, runResultSchema);
    expect(resumed.history.map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: training.epochs }, (_, index) => index + 1),
    );
    const uninterrupted = await trainWithoutInterruption(resumed);
    expect(resumed.model.weights.sha256).toBe(uninterrupted.model.weights.sha256);
  });
});

/** A small prepared set, made by the single stages; the sweep stands on the last one that was made. */
async function prepareFew(): Promise<void> {
  const { manifest } = await client.workflow.execute(ingest, {
    workflowId: 'ingest-few',
    taskQueue: queues.ml,
    args: [{ name: 'few', source: { uri: 'sample://animals?variations=4&size=48' } }],
  });
  await client.workflow.execute(preprocess, {
    workflowId: 'preprocess-few',
    taskQueue: queues.ml,
    args: [{ name: 'few', manifest, preprocess: { size: 24, color: 'rgb', fit: 'contain' } }],
  });
}

/** The same run in another store, with nothing going wrong on the way. */
async function trainWithoutInterruption({ config, prepared, run }: RunResult): Promise<RunResult> {
  const other = openStore(join(home, 'undisturbed'));
  for await (const key of store.list('prepared/')) await other.write(key, await store.read(key));
  const result = await startTrainer({
    command: [process.execPath, drover, 'trainer'],
    environment,
    job: { storeLocation: other.location, config, prepared, run },
    onProgress: () => undefined,
    signal: new AbortController().signal,
    stallAfterMs: 60_000,
  });
  return readJson(other, result, runResultSchema);
}
