import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { TrainInput } from '../../activities/training';
import { tellEpochs } from '../../activities/epoch-reports';
import type { TrainPart } from '../../contracts/inputs';
import { queues } from '../../contracts/names';
import type { EpochMetrics } from '../../contracts/schemas/documents';
import { freePort } from '../../tests/support/free-port';
import { Processes } from '../../tests/support/processes';
import { connectTo } from '../../tests/support/temporal-server';
import { markdownTable } from '../table';

/**
 * What a sweep itself costs: trials whose training takes no time and starts no process, with a real server on a file and a
 * real worker for everything but training. `npm run bench -- trials --trials 1000 --methods random,tpe`
 */
const { values: options } = parseArgs({
  options: {
    trials: { type: 'string', default: '1000' },
    methods: { type: 'string', default: 'random' },
    parallelism: { type: 'string', default: '8' },
    /** asha or hyperband. */
    stop: { type: 'string', default: '' },
  },
});

const rules: Readonly<Record<string, unknown>> = {
  asha: { type: 'asha', min_epochs: 1, max_epochs: 27 },
  hyperband: { type: 'hyperband', min_iter: 3 },
};

/** A training's figures, made up from its rate alone. */
async function trainRun({ config, until, report }: TrainInput & TrainPart) {
  const run = `${Math.abs(Math.log(config.lr)).toFixed(12)}-${config.batch_size}`;
  const loss = (epoch: number): number => Math.abs(Math.log10(config.lr) + 2.5) + 1 / epoch;
  const teller = tellEpochs(run, report);
  const history: EpochMetrics[] = [];
  for (let epoch = 1; epoch <= (until ?? config.epochs); epoch += 1) {
    const figures = { train_loss: loss(epoch), train_accuracy: 0, validation_accuracy: 0 };
    history.push({ epoch, ...figures, validation_loss: loss(epoch), seconds: 0 });
    teller.tell(history);
  }
  await teller.told();
  const metrics = { validation_loss: loss(history.length) };
  const result = { uri: `store://runs/${run}/result.json`, sha256: '0'.repeat(64) };
  return { run, metrics, epochs: history.length, ...(until === undefined && { result }) };
}

/** Resident now, in MiB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

async function measure(method: string, trials: number): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'drover-trials-'));
  const home = join(root, 'home');
  mkdirSync(home);
  const port = await freePort();
  const processes = new Processes(home, port, {});
  try {
    processes.startServer();
    const connection = await connectTo(port);
    processes.startWorker('worker', 'ml', 'cpu');
    const native = await NativeConnection.connect({ address: `127.0.0.1:${port}` });
    const trainer = await Worker.create({
      connection: native,
      taskQueue: queues.gpu,
      activities: { trainRun },
      maxConcurrentActivityTaskExecutions: 64,
    });
    const training = trainer.run();
    const client = new Client({ connection });
    const workflowId = `trials-${method}`;
    const config = {
      method,
      parameters: {
        lr: { distribution: 'log_uniform_values', min: 1e-5, max: 1 },
        batch_size: { values: [8, 16, 32, 64] },
        'network.dropout': { min: 0.0, max: 0.5 },
      },
      run_cap: trials,
      parallelism: Number(options.parallelism),
      train: { epochs: 27 },
      ...(options.stop !== '' && { early_terminate: rules[options.stop] }),
    };
    const prepared = { uri: 'store://prepared/none/index.json', sha256: '0'.repeat(64) };
    const began = performance.now();
    const args = [{ config, prepared }];
    const handle = await client.workflow.start('sweep', { workflowId, taskQueue: queues.ml, args });
    const memory: number[] = [];
    const watching = setInterval(() => memory.push(memoryOf(processes.pid('worker'))), 1000);
    const result: unknown = await handle.result();
    clearInterval(watching);
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`${JSON.stringify(result)}\n`);
    const lengths: number[] = [];
    // What is listed lags behind a little.
    await new Promise((wait) => setTimeout(wait, 2000));
    for await (const { historyLength } of client.workflow.list({
      query: `WorkflowId = '${workflowId}'`,
    })) {
      lengths.push(historyLength);
    }
    trainer.shutdown();
    await training;
    await native.close();
    await connection.close();
    const at = (share: number): string => (memory[Math.floor(share * (memory.length - 1))] ?? NaN).toFixed(0);
    return [
      `${method}${options.stop === '' ? '' : ` with ${options.stop}`}`,
      String(trials),
      `${(seconds / 60).toFixed(1)} min`,
      `${((1000 * seconds) / trials).toFixed(0)} ms`,
      String(lengths.length),
      String(Math.max(...lengths)),
      `${at(0.25)}, ${at(0.5)}, ${at(1)} MiB`,
    ];
  } finally {
    await processes.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  for (const method of options.methods.split(',')) rows.push(await measure(method, Number(options.trials)));
  const headings = [
    'search',
    'trials',
    'all',
    'a trial',
    'runs of the workflow',
    'most events in one',
    "the worker's memory after 1/4, 1/2, all",
  ];
  console.log(markdownTable(headings, rows));
}

void main();
