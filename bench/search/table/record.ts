import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { latestPrepared } from '../../../lib/data/latest-prepared';
import { openPrepared } from '../../../lib/data/prepared-set';
import { createRandom } from '../../../lib/random';
import { picturesOf, plainBatches, trainingBatches, type Examples } from '../../../lib/training/batches';
import { planPhases, type Phase } from '../../../lib/training/phases';
import { loadSplit, shapeOf } from '../../../lib/training/training-data';
import { medianOf } from '../../figures';
import { cellEpochs, cellName, cells, type Cell } from './cells';
import { preparedStore } from './prepare';
import { readTable, tableColumns, tableFile } from './read';

/**
 * Trains every cell of the table that is not in the file yet, one after the other in this process, and appends it.
 *
 *     node --import tsx bench/search/table/record.ts
 *
 * The steps are those of a run (lib/training/run-phase.ts), without its checkpoints, its reports and its export.
 */
const { values: options } = parseArgs({
  options: {
    pictures: { type: 'string', default: resolve(__dirname, '../../../../shared/data/animals10') },
    work: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench', 'search') },
    out: { type: 'string', default: tableFile },
    /** Stops after so many cells. */
    most: { type: 'string', default: String(cells.length) },
  },
});

/** Of the network's settings, what is the same in every cell. */
const config = (cell: Cell) =>
  runConfigSchema.parse({
    network: { name: 'cnn', filters: [32, 64], dense: 128, dropout: cell.dropout },
    lr: cell.lr,
    batch_size: cell.batch_size,
    epochs: cellEpochs,
    augmentation: { flip: false, shift: 0, brightness: 0 },
    seed: 1,
    threads: 1,
  });

/** TensorFlow reads these while it is loaded: a process that lacks them starts itself again. */
const environment = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  OMP_NUM_THREADS: '1',
  TF_DETERMINISTIC_OPS: '1',
  TF_CPP_MIN_LOG_LEVEL: '2',
};

interface Curves {
  readonly loss: number[];
  readonly accuracy: number[];
  /** CPU seconds of each epoch. */
  readonly seconds: number[];
}

function trained(phase: Phase, batchSize: number, lr: number, validation: Examples): Curves {
  const learner = phase.learner();
  const curves: Curves = { loss: [], accuracy: [], seconds: [] };
  let step = 0;
  for (let epoch = 1; epoch <= cellEpochs; epoch += 1) {
    const before = process.cpuUsage();
    for (const batch of trainingBatches(phase.train, {
      batchSize,
      augmentation: phase.augmentation,
      seed: 1,
      epoch,
    })) {
      step += 1;
      learner.apply(learner.compute(batch, step), { step, rate: lr });
    }
    let [loss, correct] = [0, 0];
    for (const batch of plainBatches(validation, 64)) {
      const judged = learner.judge(batch);
      loss += judged.loss;
      correct += judged.correct;
    }
    if (!Number.isFinite(loss)) break;
    const { user, system } = process.cpuUsage(before);
    curves.loss.push(loss / validation.count);
    curves.accuracy.push(correct / validation.count);
    curves.seconds.push((user + system) / 1e6);
  }
  learner.dispose();
  return curves;
}

async function record(): Promise<void> {
  const store = await preparedStore(options);
  const ref = await latestPrepared(store);
  if (ref === undefined) throw new Error(`No prepared set in ${store.location}`);
  const prepared = await openPrepared(store, ref);
  const shape = shapeOf(prepared);
  const train = picturesOf(await loadSplit(prepared, 'train'), shape);
  const validation = picturesOf(await loadSplit(prepared, 'validation'), shape);
  if (!existsSync(options.out)) writeFileSync(options.out, `${tableColumns.join(',')}\n`);
  const known = readTable(options.out);
  // In random order, so that a slow hour doesn't weigh on one learning rate.
  const left = createRandom('table')
    .shuffle([...cells])
    .filter((cell) => !known.has(cellName(cell)));
  for (const [at, cell] of left.slice(0, Number(options.most)).entries()) {
    const began = performance.now();
    const plan = await planPhases({
      store,
      config: config(cell),
      prepared,
      shape,
      train,
      validation,
      preparedRef: ref,
      onFeatures: () => undefined,
    });
    const [phase] = plan.phases;
    if (phase === undefined) throw new Error('a run has a phase');
    const { loss, accuracy, seconds } = trained(phase, cell.batch_size, cell.lr, validation);
    plan.model.dispose();
    const fields = [
      cellName(cell),
      medianOf(seconds).toFixed(3),
      loss.map((value) => Number(value.toPrecision(5))).join(';'),
      accuracy.map((value) => Number(value.toFixed(4))).join(';'),
    ];
    appendFileSync(options.out, `${fields.join(',')}\n`);
    const took = ((performance.now() - began) / 1000).toFixed(1);
    const end = `${loss.at(-1)?.toFixed(3) ?? '-'} ${accuracy.at(-1)?.toFixed(3) ?? '-'}`;
    console.log(`${at + 1}/${left.length} ${cellName(cell)}: ${end}, ${took} s`);
  }
}

async function again(): Promise<void> {
  const child = execFile(
    process.execPath,
    [...process.execArgv, __filename, ...process.argv.slice(2)],
    { env: { ...process.env, ...environment }, maxBuffer: 64e6 },
    (error) => (process.exitCode = error === null ? 0 : 1),
  );
  child.stdout?.pipe(process.stdout);
  child.stderr?.pipe(process.stderr);
  return Promise.resolve();
}

void (process.env['TF_NUM_INTRAOP_THREADS'] === '1' ? record() : again());
