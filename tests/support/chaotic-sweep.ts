import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { queues } from '../../contracts/names';
import type { IngestResult, PreprocessResult } from '../../contracts/results';
import { readSettings } from '../../contracts/schemas/settings';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { createRandom } from '../../lib/random';
import { openStore } from '../../lib/storage/open-store';
import { readSweepRecord } from '../../lib/sweeps/sweep-records';
import { freePort } from './free-port';
import { Processes } from './processes';
import { connectTo } from './temporal-server';

export interface Chaos {
  /** The sweep's. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly kills: number;
  /** Of what is killed, and when. */
  readonly seed: string;
  /** Pictures that a class has, of the sample set's. */
  readonly variations: number;
  /** Milliseconds: the least and the most between two kills. */
  readonly pause: readonly [number, number];
  readonly say: (line: string) => void;
}

const workers = {
  worker: ['ml', 'cpu'],
  'worker-gpu-1': ['gpu'],
  'worker-gpu-2': ['gpu'],
} as const;
type Victim = keyof typeof workers | 'temporal';
const victims: readonly (readonly Victim[])[] = [
  ['worker'],
  ['worker-gpu-1', 'worker-gpu-2'],
  ['temporal'],
  ['temporal', 'worker', 'worker-gpu-1', 'worker-gpu-2'],
];

/** A sweep of real trainings on real processes, under `kill -9` of workers, of Temporal's server, and of everything. */
export async function sweepUnderKills({
  config,
  kills,
  seed,
  variations,
  pause: [least, most],
  say,
}: Chaos): Promise<{ readonly record: SweepRecord; readonly seconds: number }> {
  const home = mkdtempSync(join(tmpdir(), 'drover-chaos-'));
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const processes = new Processes(home, port, { DROVER_GPU_SLOTS: '1' });
  const startAll = (names: readonly Victim[]): void => {
    if (names.includes('temporal')) processes.startServer();
    for (const [name, of] of Object.entries(workers)) {
      if (names.some((wanted) => wanted === name)) processes.startWorker(name, ...of);
    }
  };
  startAll(['temporal', 'worker', 'worker-gpu-1', 'worker-gpu-2']);
  const client = new Client({ connection: await connectTo(port) });
  try {
    const { workflow } = client;
    const run = async <Result>(type: string, input: unknown): Promise<Result> =>
      workflow.execute<(given: unknown) => Promise<Result>>(type, {
        workflowId: type,
        taskQueue: queues.ml,
        args: [input],
      });
    const source = { uri: `sample://animals?variations=${variations}&size=48` };
    const { manifest } = await run<IngestResult>('ingest', { name: 'few', source });
    const preprocess = { size: 32, color: 'rgb', fit: 'contain' };
    const { prepared } = await run<PreprocessResult>('preprocess', { name: 'few', manifest, preprocess });
    const began = performance.now();
    const handle = await workflow.start('sweep', {
      workflowId: 'sweep',
      taskQueue: queues.ml,
      args: [{ config, prepared }],
    });
    const random = createRandom(seed);
    const end = { reached: false };
    const done = resultOf(handle).finally(() => {
      end.reached = true;
    });
    done.catch(() => undefined);
    for (let kill = 1; kill <= kills; kill += 1) {
      await after(least + (most - least) * random.next());
      if (end.reached) throw new Error(`the sweep had ended before kill ${kill}: take more trials`);
      const names = victims[random.int(victims.length)] ?? [];
      await processes.kill(...names);
      say(`kill -9 number ${kill}: ${names.join(', ')}`);
      await after(1000 * random.next());
      startAll(names);
    }
    await done;
    const seconds = (performance.now() - began) / 1000;
    const store = openStore(readSettings({ DROVER_HOME: home }, process.cwd()).store);
    const record = await readSweepRecord(store, 'sweep');
    if (record === undefined) throw new Error('the sweep left no record');
    return { record, seconds };
  } finally {
    await processes.kill();
    await client.connection.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Whatever becomes of the connection on the way. */
async function resultOf(handle: WorkflowHandle): Promise<unknown> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw error;
      await after(500);
    }
  }
}

/** All that must be the same: what was tried, how long, and what came of it to the last digit. */
export function outcomes({ trials }: SweepRecord): string[] {
  return trials.map(({ trial, parameters, state, epochs, metric, run, why }) =>
    JSON.stringify({ trial, parameters, state, epochs, metric, run, why }),
  );
}
