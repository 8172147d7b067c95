import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { runConfigSchema } from '../../contracts/schemas/run';
import { latestPrepared } from '../../lib/data/latest-prepared';
import { createRandom } from '../../lib/random';
import type { Store } from '../../lib/storage/store';
import { runId } from '../../lib/training/run-id';
import { startTrainerUntil } from '../../lib/training/start-trainer';
import { WarmTrainers } from '../../lib/training/warm-trainers';
import { medianOf } from '../figures';
import { cellEpochs, cellValues } from '../search/table/cells';
import { costsFile, type Costs } from './costs';

/** What the engine and the search add to a segment: a sweep of 1,000 trials that take no time takes 126 ms of two cores each. */
const engine = 0.25;

const kerasSchema = z.object({
  process: z.number(),
  trial: z.number(),
  epoch: z.record(z.string(), z.number()),
});

/** Seconds by the clock, which are no less than those of the processor. One thread, as each of two trials on two cores has. */
async function trainer(
  store: Store,
  warm: WarmTrainers,
  seed: number,
  batch_size: number,
  epochs: number,
  until?: number,
): Promise<number> {
  const prepared = await latestPrepared(store);
  if (prepared === undefined) throw new Error(`No prepared set in ${store.location}`);
  const config = runConfigSchema.parse({
    network: { name: 'cnn', filters: [32, 64], dense: 128, dropout: 0.3 },
    augmentation: { flip: false, shift: 0, brightness: 0 },
    ...{ batch_size, epochs, seed, threads: 1 },
  });
  const before = performance.now();
  await startTrainerUntil({
    warm,
    command: [process.execPath, resolve(__dirname, '../../bin/drover.js'), 'trainer'],
    job: {
      storeLocation: store.location,
      ...{ config, prepared, run: runId(config, prepared) },
      ...(until !== undefined && { until }),
    },
    environment: process.env,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    stallAfterMs: 120_000,
  });
  return (performance.now() - before) / 1000;
}

/** A round of Drover's: seconds of a segment, of an export, of an epoch. */
async function droverRound(store: Store, warm: WarmTrainers) {
  const seed = createRandom(Date.now()).int(1e6);
  const epoch: Record<string, number> = {};
  const segments: number[] = [];
  const ends: number[] = [];
  for (const batchSize of cellValues.batch_size) {
    // A segment of one epoch, and its continuation, which has as much around it: the rest is epochs.
    const one = await trainer(store, warm, seed, batchSize, cellEpochs, 1);
    const more = await trainer(store, warm, seed, batchSize, cellEpochs, 9);
    const own = (more - one) / 7;
    const whole = await trainer(store, warm, seed, batchSize, 1);
    epoch[batchSize] = own;
    segments.push(one - own);
    ends.push(Math.max(0, whole - one));
  }
  return { segment: medianOf(segments), end: medianOf(ends), epoch };
}

async function kerasRound(python: string, pictures: string) {
  const task = { pictures, batch_sizes: cellValues.batch_size, epochs: 7 };
  const { stdout } = await promisify(execFile)(python, [
    '-B',
    join(__dirname, 'peers', 'keras_costs.py'),
    JSON.stringify(task),
  ]);
  return kerasSchema.parse(JSON.parse(stdout));
}

/** Measures both sides in turn, and writes what a race by the clock reckons with. */
export async function measure(store: Store, python: string, pictures: string, rounds: number): Promise<void> {
  const warm = new WarmTrainers({ most: 1 });
  // A slot's first start is one of a whole sweep.
  await trainer(store, warm, createRandom(Date.now()).int(1e6), cellValues.batch_size[0], 1);
  const ours: Awaited<ReturnType<typeof droverRound>>[] = [];
  const theirs: z.infer<typeof kerasSchema>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await droverRound(store, warm));
    theirs.push(await kerasRound(python, pictures));
    console.error(`round ${round + 1}: ${JSON.stringify([ours.at(-1), theirs.at(-1)])}`);
  }
  const rounded = (values: readonly number[]) => Number(medianOf(values).toFixed(3));
  const epochs = (rows: readonly { readonly epoch: Readonly<Record<string, number>> }[]) =>
    Object.fromEntries(
      cellValues.batch_size.map((size) => [size, rounded(rows.map(({ epoch }) => epoch[size] ?? NaN))]),
    );
  const costs: Costs = {
    note:
      `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}: seconds, one thread, ` +
      `medians of ${rounds} rounds in turn; Drover by the clock, its trainer warm, ${engine} s of a segment for the engine; Keras' CPU seconds`,
    drover: {
      segment: Number((rounded(ours.map(({ segment }) => segment)) + engine).toFixed(3)),
      end: rounded(ours.map(({ end }) => end)),
    },
    keras: {
      process: rounded(theirs.map((one) => one.process)),
      trial: rounded(theirs.map(({ trial }) => trial)),
    },
    epoch: { drover: epochs(ours), keras: epochs(theirs) },
  };
  warm.close();
  writeFileSync(costsFile, `${JSON.stringify(costs, null, 2)}\n`);
}
