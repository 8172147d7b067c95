import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { queues } from '../../contracts/names';
import type { IngestResult, PreprocessResult, SweepResult } from '../../contracts/results';
import { readSettings } from '../../contracts/schemas/settings';
import { openStore } from '../../lib/storage/open-store';
import { readQuarantines } from '../../lib/training/quarantines';
import { freePort } from '../support/free-port';
import { Processes, until } from '../support/processes';
import { connectTo } from '../support/temporal-server';

jest.setTimeout(300_000);

const home = mkdtempSync(join(tmpdir(), 'drover-quarantine-'));
const store = openStore(readSettings({ DROVER_HOME: home }, resolve('.')).store);
let processes: Processes;
let client: Client;
let port: number;
let broken: ChildProcess | undefined;

beforeAll(async () => {
  port = await freePort();
  processes = new Processes(home, port, {});
  processes.startServer();
  client = new Client({ connection: await connectTo(port) });
  processes.startWorker('worker', 'ml', 'cpu');
}, 120_000);

afterAll(async () => {
  broken?.kill('SIGKILL');
  await processes.kill();
  await client.connection.close();
  rmSync(home, { recursive: true, force: true });
});

/** A worker whose trainers find another TensorFlow than the one that was set up, and can't load it. */
function startBroken(): ChildProcess {
  const libraries = join(home, 'libraries');
  mkdirSync(libraries);
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    writeFileSync(join(libraries, name), '');
  }
  return spawn(process.execPath, [resolve('bin', 'drover.js'), 'worker', '--queue', 'gpu'], {
    env: {
      ...process.env,
      DROVER_HOME: home,
      DROVER_TEMPORAL_PORT: String(port),
      DROVER_LOG_LEVEL: 'error',
      DROVER_GPU_SLOTS: '2',
      LD_LIBRARY_PATH: libraries,
    },
    stdio: 'ignore',
  });
}

describe('a worker on which every trial fails', () => {
  it('takes no more of them, is named, and costs the sweep no trial', async () => {
    const run = <Result>(type: string, input: unknown): Promise<Result> =>
      client.workflow.execute<(given: unknown) => Promise<Result>>(type, {
        workflowId: type,
        taskQueue: queues.ml,
        args: [input],
      });
    const source = { uri: 'sample://animals?variations=4&size=48' };
    const { manifest } = await run<IngestResult>('ingest', { name: 'few', source });
    const preprocess = { size: 24, color: 'rgb', fit: 'contain' };
    const { prepared } = await run<PreprocessResult>('preprocess', { name: 'few', manifest, preprocess });
    broken = startBroken();
    const handle = await client.workflow.start<(given: unknown) => Promise<SweepResult>>('sweep', {
      workflowId: 'sweep',
      taskQueue: queues.ml,
      args: [
        {
          config: {
            method: 'random',
            parameters: { lr: { min: 0.001, max: 0.01 } },
            run_cap: 4,
            parallelism: 3,
            train: { epochs: 2, network: { name: 'cnn', filters: [4, 8], dense: 8 } },
          },
          prepared,
        },
      ],
    });
    await until('the quarantine', async () => (await readQuarantines(store, Date.now())).length === 1, 120);
    const [quarantine] = await readQuarantines(store, Date.now());
    expect(quarantine?.worker).toMatch(/^gpu@.*:\d+\/2$/);
    expect(quarantine?.reason).toMatch(
      /^3 trainings in a row failed there, the last with: TensorFlow can't be loaded/,
    );

    processes.startWorker('worker-gpu', 'gpu');
    expect(await handle.result()).toMatchObject({ trials: 4, failed: 0 });
  });
});
