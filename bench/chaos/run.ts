import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { queues } from '../../contracts/names';
import type { IngestResult, PreprocessResult } from '../../contracts/results';
import { readSettings } from '../../contracts/schemas/settings';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { createRandom } from '../../lib/random';
import { openStore } from '../../lib/storage/open-store';
import { readSweepRecord } from '../../lib/sweeps/sweep-records';
import { freePort } from '../../tests/support/free-port';
import { Processes } from '../../tests/support/processes';
import { connectTo } from '../../tests/support/temporal-server';
import { markdownTable } from '../table';

/**
 * A sweep of real trainings, once undisturbed and once under `kill -9` of workers, of Temporal's server, and of everything;
 * then both tables side by side. `npm run bench -- chaos --kills 20`
 */
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    trials: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
});

const config = {
  method: 'tpe',
  metric: { name: 'validation_accuracy', goal: 'maximize' },
  parameters: {
    lr: { distribution: 'log_uniform_values', min: 1e-4, max: 3e-2 },
    batch_size: { values: [8, 16, 32] },
    'network.dropout': { min: 0.0, max: 0.5 },
  },
  early_terminate: { type: 'asha', min_epochs: 10, max_epochs: 90 },
  run_cap: Number(options.trials),
  // One after the other: the order of results is the same, and so must be what the search makes of it.
  parallelism: 1,
  train: { network: { name: 'cnn', filters: [16, 32], dense: 64 }, checkpoint_every: '1s' },
};

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

const after = (ms: number): Promise<void> => new Promise((wait) => setTimeout(wait, ms));

async function swept(kills: number): Promise<{ readonly record: SweepRecord; readonly seconds: number }> {
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
    const source = { uri: 'sample://animals?variations=12&size=48' };
    const { manifest } = await run<IngestResult>('ingest', { name: 'few', source });
    const preprocess = { size: 32, color: 'rgb', fit: 'contain' };
    const { prepared } = await run<PreprocessResult>('preprocess', { name: 'few', manifest, preprocess });
    const began = performance.now();
    const handle = await workflow.start('sweep', {
      workflowId: 'sweep',
      taskQueue: queues.ml,
      args: [{ config, prepared }],
    });
    const random = createRandom(options.seed);
    const end = { reached: false };
    const done = handle.result().finally(() => {
      end.reached = true;
    });
    done.catch(() => undefined);
    for (let kill = 1; kill <= kills; kill += 1) {
      await after(500 + 3000 * random.next());
      if (end.reached) throw new Error(`the sweep had ended before kill ${kill}: take more trials`);
      const names = victims[random.int(victims.length)] ?? [];
      await processes.kill(...names);
      process.stderr.write(`kill -9 number ${kill}: ${names.join(', ')}\n`);
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

/** All that must be the same: what was tried, how long, and what came of it to the last digit. */
function outcomes({ trials }: SweepRecord): string[] {
  return trials.map(({ trial, parameters, state, epochs, metric, run, why }) =>
    JSON.stringify({ trial, parameters, state, epochs, metric, run, why }),
  );
}

async function main(): Promise<void> {
  const calm = await swept(0);
  process.stderr.write(`undisturbed: ${calm.seconds.toFixed(0)} s\n`);
  const killed = await swept(Number(options.kills));
  const [expected, found] = [outcomes(calm.record), outcomes(killed.record)];
  const rows = killed.record.trials.map((trial, at) => [
    String(trial.trial),
    ...Object.values(trial.parameters).map((value) =>
      typeof value === 'number' ? String(Number(value.toPrecision(4))) : JSON.stringify(value),
    ),
    trial.state,
    `${trial.epochs ?? 0} of ${trial.planned ?? 0}`,
    (trial.metric ?? NaN).toFixed(4),
    trial.run ?? '',
    found[at] === expected[at] ? 'the same' : 'DIFFERS',
  ]);
  const names = Object.keys(killed.record.trials[0]?.parameters ?? {});
  const headings = ['trial', ...names, 'state', 'epochs', config.metric.name, 'run', 'undisturbed'];
  console.log(markdownTable(headings, rows));
  console.log(
    `\n${options.kills} kills: ${killed.seconds.toFixed(0)} s; undisturbed: ${calm.seconds.toFixed(0)} s.`,
  );
  if (expected.join() !== found.join()) process.exitCode = 1;
}

void main();
