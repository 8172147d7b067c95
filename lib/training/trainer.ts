import { cpus } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import { storeUri, type RunRef } from '../../contracts/refs';
import { channelsOf } from '../../contracts/schemas/preprocessing';
import { runResultSchema, type EpochMetrics, type RunResult } from '../../contracts/schemas/documents';
import type { RunConfig } from '../../contracts/schemas/run';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import { openPrepared, type LoadedSplit, type PreparedSet } from '../data/prepared-set';
import type { NetworkShape } from '../model/shape';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument, putJson, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { tensorflowDevice, tensorflowVersion } from '../tensorflow';
import { plainBatches, trainingBatches, type Batch } from './batches';
import { Checkpoints, type TrainingState } from './checkpoints';
import { writeModel } from './finish';
import { createLearner, type BatchFigures, type Learner } from './learner';

export interface TrainingHooks {
  /** Hears how far it is, about twice a second and at every turn. */
  readonly onProgress: (progress: TrainerProgress) => void;
  /** Hears what a person should know and stops nothing. */
  readonly onNotice: (message: string) => void;
  /** Ends the training before its next step. */
  readonly signal: AbortSignal;
}

/** Pictures answered at once when nothing is learnt. */
const judgedAtOnce = 64;

/** Milliseconds between two reports. */
const reportEvery = 500;

/**
 * Trains one run to its end, from its newest checkpoint where there is one, and writes its result. A run
 * that has a result already is not trained again.
 *
 * The same job gives the same weights to the byte on one kind of CPU, however often it was interrupted.
 *
 * @returns the ref of `runs/<run>/result.json`.
 * @throws Failure `dataset-invalid`, `configuration-invalid`, `training-diverged`, `export-differs`, and
 *   the store's.
 */
export async function trainRun(store: Store, job: TrainerJob, hooks: TrainingHooks): Promise<RunRef> {
  const environment = {
    tensorflow: tensorflowVersion(),
    device: tensorflowDevice(),
    cpu: cpus()[0]?.model ?? process.arch,
  };
  const checkpoints = new Checkpoints(store, job.run, environment);
  const resultKey = `runs/${job.run}/result.json`;
  const finished = await store.readVersioned(resultKey);
  if (finished) {
    const ref = resultRef(resultKey, finished.bytes);
    // Whoever wrote the result may have been killed before this.
    await checkpoints.clear();
    return ref;
  }

  const { epochs } = job.config;
  const { device } = environment;
  // At every shard as well: reading many takes longer than a trainer may be silent.
  const starting = (): void => {
    hooks.signal.throwIfAborted();
    hooks.onProgress({
      phase: 'starting',
      epoch: 0,
      epochs,
      step: 0,
      steps: 0,
      examplesPerSecond: 0,
      device,
    });
  };
  starting();
  const prepared = await openPrepared(store, job.prepared);
  const shape = shapeOf(prepared);
  const train = await load(prepared, 'train', starting);
  const validation = await load(prepared, 'validation', starting);
  const learner = createLearner(job.config, shape, prepared.index.normalisation);
  try {
    const training: Training = {
      job,
      learner,
      shape,
      train,
      validation,
      checkpoints,
      hooks,
      examplesPerSecond: 0,
    };
    const state = await runEpochs(training);

    hooks.onProgress(progressOf(training, state.epoch, 'exporting', { last: state.history.at(-1) }));
    learner.setWeights(state.bestWeights);
    const result: RunResult = {
      run: job.run,
      config: job.config,
      prepared: job.prepared,
      model: await writeModel(store, job.run, learner.model, prepared.index, shape, validation),
      best: state.best,
      history: [...state.history],
      parameters: learner.parameters,
      environment: { ...environment, threads: job.config.threads },
    };
    await putJson(store, `runs/${job.run}/config.json`, job.config);
    const bytes = Buffer.from(canonicalJson(result));
    const created = await store.create(resultKey, bytes);
    const ref = resultRef(resultKey, created ? bytes : await store.read(resultKey));
    await checkpoints.clear();
    return ref;
  } finally {
    learner.dispose();
  }
}

interface Training {
  readonly job: TrainerJob;
  readonly learner: Learner;
  readonly shape: NetworkShape;
  readonly train: LoadedSplit;
  readonly validation: LoadedSplit;
  readonly checkpoints: Checkpoints;
  readonly hooks: TrainingHooks;
  /** The newest figure, kept for the reports from between two trainings. */
  examplesPerSecond: number;
}

async function runEpochs(training: Training): Promise<TrainingState> {
  const { job, learner, checkpoints, hooks } = training;
  const { epochs, checkpoint_every: asked } = job.config;
  const every = typeof asked === 'number' ? asked : 1;
  const weights = learner.parameters;
  let state = await checkpoints.newest({ learner: learner.state().length, weights }, hooks.onNotice);
  if (state) {
    learner.setState(state.learner);
    hooks.onNotice(`Going on after epoch ${state.epoch} of ${epochs}.`);
  }
  for (let epoch = (state?.epoch ?? 0) + 1; epoch <= epochs; epoch += 1) {
    const metrics = await runEpoch(training, epoch, state?.history.at(-1));
    state = after(state, metrics, learner, job.config.best_by);
    if (epoch % every === 0 || epoch === epochs) {
      hooks.onProgress(progressOf(training, epoch, 'saving', { last: metrics }));
      await checkpoints.save(state);
    }
  }
  if (!state) throw new Error('a run has at least one epoch');
  return state;
}

function after(
  earlier: TrainingState | undefined,
  metrics: EpochMetrics,
  learner: Learner,
  by: RunConfig['best_by'],
): TrainingState {
  const kept = earlier && !isBetter(metrics, earlier.best, by) ? earlier : undefined;
  return {
    epoch: metrics.epoch,
    best: kept?.best ?? metrics,
    bestWeights: kept?.bestWeights ?? learner.weights(),
    history: [...(earlier?.history ?? []), metrics],
    learner: learner.state(),
  };
}

async function runEpoch(training: Training, epoch: number, last?: EpochMetrics): Promise<EpochMetrics> {
  const { job, learner, shape, train, validation, hooks } = training;
  const { seed, augmentation, batch_size: batchSize } = job.config;
  const before = (epoch - 1) * stepsOf(training);
  const began = performance.now();

  let step = before;
  const learnt = await over(
    trainingBatches(train, shape, { batchSize, augmentation, seed, epoch }),
    (batch) => {
      step += 1;
      const figures = learner.learn(batch, step);
      if (!Number.isFinite(figures.loss)) throw diverged(epoch, step - before);
      return figures;
    },
    hooks.signal,
    ({ loss, examplesPerSecond }) => {
      training.examplesPerSecond = examplesPerSecond;
      hooks.onProgress(progressOf(training, epoch, 'training', { step, last, loss }));
    },
  );
  const judged = await over(
    plainBatches(validation, shape, judgedAtOnce),
    (batch) => learner.judge(batch),
    hooks.signal,
    () => hooks.onProgress(progressOf(training, epoch, 'validating', { step, last })),
  );
  if (!Number.isFinite(judged.loss)) throw diverged(epoch, step - before);
  return {
    epoch,
    train_loss: learnt.loss,
    train_accuracy: learnt.accuracy,
    validation_loss: judged.loss,
    validation_accuracy: judged.accuracy,
    seconds: Number(((performance.now() - began) / 1000).toFixed(3)),
  };
}

/** Does `work` on every batch, with a turn of the event loop between, and gives the means of its figures. */
async function over(
  batches: Iterable<Batch>,
  work: (batch: Batch) => BatchFigures,
  signal: AbortSignal,
  report: (newest: { readonly loss: number; readonly examplesPerSecond: number }) => void,
): Promise<{ loss: number; accuracy: number }> {
  const sum = { loss: 0, correct: 0, count: 0 };
  let window = { since: performance.now(), loss: 0, count: 0 };
  for (const batch of batches) {
    signal.throwIfAborted();
    const { loss, correct } = work(batch);
    sum.loss += loss;
    sum.correct += correct;
    sum.count += batch.count;
    window.loss += loss;
    window.count += batch.count;
    const elapsed = performance.now() - window.since;
    // The first report comes with the first batch: from then on it is known to work.
    if (elapsed >= reportEvery || sum.count === batch.count) {
      report({ loss: window.loss / window.count, examplesPerSecond: (window.count * 1000) / elapsed });
      window = { since: performance.now(), loss: 0, count: 0 };
    }
    await nextTurn();
  }
  return { loss: sum.loss / sum.count, accuracy: sum.correct / sum.count };
}

function progressOf(
  training: Training,
  epoch: number,
  phase: TrainerProgress['phase'],
  more: Partial<Pick<TrainerProgress, 'step' | 'loss' | 'last'>>,
): TrainerProgress {
  const { epochs } = training.job.config;
  const perEpoch = stepsOf(training);
  return {
    phase,
    epoch,
    epochs,
    step: epoch * perEpoch,
    steps: epochs * perEpoch,
    examplesPerSecond: training.examplesPerSecond,
    device: tensorflowDevice(),
    ...more,
  };
}

function stepsOf({ train, job }: Training): number {
  return Math.ceil(train.count / job.config.batch_size);
}

function diverged(epoch: number, step: number): Failure {
  return new Failure(
    'training-diverged',
    `In epoch ${epoch}, step ${step}, the loss stopped being a number. A smaller lr usually helps.`,
  );
}

function shapeOf({ index }: PreparedSet): NetworkShape {
  const { size } = index.preprocessing;
  const channels = channelsOf(index.preprocessing);
  return { height: size, width: size, channels, classes: index.classes.length };
}

/** @throws Failure `dataset-invalid` where the split has no pictures. */
async function load(
  prepared: PreparedSet,
  split: 'train' | 'validation',
  onShard: () => void,
): Promise<LoadedSplit> {
  if (prepared.count(split) === 0) {
    throw new Failure(
      'dataset-invalid',
      `The prepared set has no pictures for ${split}, so nothing can be ` +
        `${split === 'train' ? 'learnt' : 'chosen'}. Give more pictures, or another split.`,
    );
  }
  return prepared.load(split, onShard);
}

function resultRef(key: string, bytes: Uint8Array): RunRef {
  parseDocument(bytes, runResultSchema, key);
  return { uri: storeUri(key), sha256: sha256(bytes) };
}

/** Whether one epoch beats another; of equally accurate ones the lower loss decides, then the earlier stays. */
function isBetter(metrics: EpochMetrics, best: EpochMetrics, by: RunConfig['best_by']): boolean {
  if (by === 'validation_accuracy' && metrics.validation_accuracy !== best.validation_accuracy) {
    return metrics.validation_accuracy > best.validation_accuracy;
  }
  return metrics.validation_loss < best.validation_loss;
}
