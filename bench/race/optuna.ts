import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cellValues } from '../search/table/cells';
import type { RecordedRun } from '../search/table/read';
import type { Met } from './clock';
import type { Costs } from './costs';
import type { Metric } from './sweeps';

const answerSchema = z.array(z.object({ at: z.number(), trials: z.int() }).nullable());

/** The most trials of a study: four times as many as there are settings. */
const most = 600;

export interface OptunaTask {
  readonly seed: number;
  readonly metric: Metric;
  readonly targets: readonly number[];
  /** By the median; else every trial is trained to its end. */
  readonly prunes: boolean;
  /** Of Keras' `EarlyStopping`, if there is one. */
  readonly patience?: number;
}

/** Optuna's own sampler and pruner on the recorded trainings: see bench/race/peers/optuna_replay.py. */
export async function optunaByClock(
  python: string,
  { table, costs }: { readonly table: ReadonlyMap<string, RecordedRun>; readonly costs: Costs },
  slots: number,
  tasks: readonly OptunaTask[],
): Promise<Met[][]> {
  const child = spawn(python, ['-B', join(__dirname, 'peers', 'optuna_replay.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const runs = [...table.values()].map(({ lr, batch_size, dropout, loss, accuracy }) => ({
    cell: [lr, batch_size, dropout],
    validation_loss: loss,
    validation_accuracy: accuracy,
  }));
  const lines = tasks.map(({ seed, metric, targets, prunes, patience }) => ({
    ...{ seed, metric: metric.name, goal: metric.goal, targets, most, prunes, patience: patience ?? null },
    ...{ workers: slots, ...costs.keras, seconds: costs.epoch.keras },
  }));
  child.stdin.end(
    [{ space: cellValues, runs }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  const met: Met[][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    met.push(answerSchema.parse(JSON.parse(line)).map((one) => one ?? undefined));
  }
  if (met.length < tasks.length) throw new Error(`Optuna ended after ${met.length} of ${tasks.length} runs`);
  return met;
}
