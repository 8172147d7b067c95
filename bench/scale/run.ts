import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { queues } from '../../contracts/names';
import type { IngestResult } from '../../contracts/results';
import { freePort } from '../../tests/support/free-port';
import { noisePicture } from '../../tests/support/noise-picture';
import { Processes } from '../../tests/support/processes';
import { connectTo } from '../../tests/support/temporal-server';

/**
 * How ingest and preprocessing grow with a dataset: time, a worker's memory, and the length of histories, with a real
 * server and one worker process. `node --import tsx bench/scale/run.ts 12500 25000 50000 100000`
 */

interface Row {
  readonly pictures: number;
  readonly ingest: Work;
  readonly preprocess: Work;
  readonly again: Work;
  /** Of the worker process, at its highest, in MiB. */
  readonly memory: number;
}

interface Work {
  readonly seconds: number;
  readonly events: number;
}

/** Pictures of noise of 64 × 48, each its own, in ten classes. */
async function draw(folder: string, pictures: number): Promise<void> {
  for (let label = 0; label < 10; label += 1) mkdirSync(join(folder, `class-${label}`), { recursive: true });
  const hand = async (first: number): Promise<void> => {
    for (let n = first; n < pictures; n += 4) {
      const picture = await noisePicture(`scale ${n}`, { patches: 8, width: 64, height: 48, quality: 75 });
      writeFileSync(join(folder, `class-${n % 10}`, `${String(n).padStart(7, '0')}.jpg`), picture);
    }
  };
  await Promise.all([0, 1, 2, 3].map(hand));
}

/** The most memory that a process ever had, in MiB. */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

async function measure(pictures: number): Promise<Row> {
  const root = mkdtempSync(join(tmpdir(), 'drover-scale-'));
  const home = join(root, 'home');
  mkdirSync(home);
  await draw(join(root, 'photos'), pictures);
  const port = await freePort();
  const processes = new Processes(home, port, { DROVER_ALLOWED_ROOTS: root });
  try {
    processes.startServer();
    const connection = await connectTo(port);
    processes.startWorker('worker', 'ml', 'cpu');
    const client = new Client({ connection });
    const time = async (
      type: string,
      workflowId: string,
      input: unknown,
    ): Promise<Work & { result: unknown }> => {
      const began = Date.now();
      const handle = await client.workflow.start(type, { workflowId, taskQueue: queues.ml, args: [input] });
      const result: unknown = await handle.result();
      const { historyLength } = await handle.describe();
      return { result, seconds: (Date.now() - began) / 1000, events: historyLength };
    };
    const dataset = { name: 'scale', source: { uri: join(root, 'photos') } };
    const ingest = await time('ingest', 'ingest', dataset);
    // Our own workflow's result; contracts/results.ts is what both sides hold to.
    const { manifest } = ingest.result as IngestResult;
    const preprocess = await time('preprocess', 'preprocess', { name: 'scale', manifest });
    const again = await time('ingest', 'again', dataset);
    const row = {
      pictures,
      ingest: { seconds: ingest.seconds, events: ingest.events },
      preprocess: { seconds: preprocess.seconds, events: preprocess.events },
      again: { seconds: again.seconds, events: again.events },
      memory: peakMemory(processes.pid('worker')),
    };
    await connection.close();
    return row;
  } finally {
    await processes.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const sizes = process.argv.slice(2).map(Number);
  const rows: Row[] = [];
  for (const pictures of sizes.length > 0 ? sizes : [5_000, 10_000, 20_000]) {
    const row = await measure(pictures);
    rows.push(row);
    const each = (work: Work): string =>
      `${work.seconds.toFixed(1)} s (${((1000 * work.seconds) / pictures).toFixed(2)} ms each, ${work.events} events)`;
    process.stdout.write(
      `${pictures} pictures: ingest ${each(row.ingest)}; preprocess ${each(row.preprocess)}; ` +
        `ingest again ${row.again.seconds.toFixed(1)} s; the worker had ${row.memory} MiB at most\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(rows)}\n`);
}

void main();
