import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cellEpochs, cellName, cells, type Cell } from './cells';

/** One training as it was recorded. */
export interface RecordedRun extends Cell {
  /** CPU seconds of an epoch with its validation: the median. */
  readonly seconds: number;
  /** After epoch 1, 2 and so on; shorter than the others where the loss stopped being a number. */
  readonly loss: readonly number[];
  /** As `loss`: the share of validation pictures that is told right. */
  readonly accuracy: readonly number[];
}

export const tableFile = join(__dirname, 'animals10-cnn.csv');
export const tableColumns = [
  'lr',
  'batch_size',
  'dropout',
  'epoch_cpu_seconds',
  'validation_loss',
  'validation_accuracy',
];

const curveSchema = z
  .string()
  .transform((text) => (text === '' ? [] : text.split(';').map(Number)))
  .pipe(z.array(z.number()).max(cellEpochs));
const rowSchema = z
  .tuple([
    z.coerce.number(),
    z.coerce.number(),
    z.coerce.number(),
    z.coerce.number(),
    curveSchema,
    curveSchema,
  ])
  .transform(([lr, batch_size, dropout, seconds, loss, accuracy]): RecordedRun => ({
    lr,
    batch_size,
    dropout,
    seconds,
    loss,
    accuracy,
  }));

/** The trainings that a table has, by their cells' names. Lines that begin with # are for people. */
export function readTable(file = tableFile): ReadonlyMap<string, RecordedRun> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const runs = lines.slice(1).map((line) => rowSchema.parse(line.split(',')));
  return new Map(runs.map((run) => [cellName(run), run]));
}

/** @throws Error where a cell of the space was not recorded. */
export function wholeTable(file = tableFile): ReadonlyMap<string, RecordedRun> {
  const table = readTable(file);
  const missing = cells.filter((cell) => !table.has(cellName(cell)));
  if (missing.length > 0) throw new Error(`${file} lacks ${missing.length} of ${cells.length} cells`);
  return table;
}
