import { cpus } from 'node:os';
import { storeUri, type RunRef } from '../../contracts/refs';
import { runResultSchema, type EpochMetrics, type RunResult } from '../../contracts/schemas/documents';
import type { Tracking } from '../../contracts/schemas/tracking';
import type { TrainerJob, TrainerProgress } from '../../contracts/schemas/trainer';
import { openPrepared } from '../data/prepared-set';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument, putJson, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { tensorflowDevice, tensorflowVersion } from '../tensorflow';
import { createTracker } from '../tracking/create-tracker';
import type { Tracker } from '../tracking/tracker';
import { picturesOf } from './batches';
import { checkpointRule } from './checkpoint-rule';
import { Checkpoints, type TrainingState } from './checkpoints';
import { writeModel } from './finish';
import { Team, teamStartSchema } from './parallel/team';
import { planPhases, type Phase, type Plan } from './phases';
import { ProgressReporter } from './progress';
import { sparsityOf } from './pruning';
import { runEnvironment } from './run-environment';
import { nothingYet, runPhase, type Cursor } from './run-phase';
import { samplePictures } from './sample-pictures';
import { loadSplit, shapeOf } from './training-data';

export interface TrainingHooks {
  /** Hears how far it is, about twice a second and at every turn. */
  readonly onProgress: (progress: TrainerProgress) => void;
  /** Hears what a person should know and stops nothing. */
  readonly onNotice: (message: string) => void;
  /** Hears of each epoch that is complete; first of those that a checkpoint brings. */
  readonly onEpoch?: (metrics: EpochMetrics) => void;
  /** Saves a checkpoint and ends the training before its next step. */
  readonly signal: AbortSignal;
  readonly tracking?: Tracking | undefined;
}

/**
 * Trains one run to its end, wherever it was.
 *
 * @returns the ref of `runs/<run>/result.json`.
 * @throws as {@link trainUntil}
 */
export async function trainRun(
  store: Store,
  job: Omit<TrainerJob, 'until'>,
  hooks: TrainingHooks,
): Promise<RunRef> {
  const result = await trainUntil(store, job, hooks);
  if (!result) throw new Error('a run that has no `until` is trained to its end');
  return result;
}

/**
 * Trains one run to its end or to its job's `until`, from its newest checkpoint where there is one, and writes its result. A run
 * that has a result already is not trained again.
 *
 * The same job gives the same weights to the byte on one kind of CPU, however often it was interrupted.
 *
 * @returns the ref of `runs/<run>/result.json`; undefined where it stopped at the job's `until`.
 * @throws Failure `dataset-invalid`, `configuration-invalid`, `training-diverged`, `export-differs`, and
 *   the store's.
 */
export async function trainUntil(
  store: Store,
  job: TrainerJob,
  hooks: TrainingHooks,
): Promise<RunRef | undefined> {
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

  const { config } = job;
  const starting = new ProgressReporter(hooks.onProgress, {
    epochs: config.epochs,
    steps: 0,
    device: environment.device,
  });
  // At every shard as well: reading many takes longer than a trainer may be silent.
  const alive = (): void => {
    hooks.signal.throwIfAborted();
    starting.turn('starting', { epoch: 0, step: 0 });
  };
  alive();
  const team = job.part && (await Team.meet(job.part));
  const signal = team ? AbortSignal.any([hooks.signal, team.lost]) : hooks.signal;
  const prepared = await openPrepared(store, job.prepared);
  const shape = shapeOf(prepared);
  const train = await loadSplit(prepared, 'train', alive);
  const validation = await loadSplit(prepared, 'validation', alive);
  const plan = await planPhases({
    store,
    config,
    prepared,
    shape,
    train: picturesOf(train, shape),
    validation: picturesOf(validation, shape),
    preparedRef: job.prepared,
    onFeatures: () => {
      hooks.signal.throwIfAborted();
      starting.turn('features', { epoch: 0, step: 0 });
    },
  });
  try {
    const began = performance.now();
    const resumed = await checkpoints.newest(hooks.onNotice);
    await team?.told(teamStartSchema, 0, () => Promise.resolve({ step: resumed?.step ?? 0 }));
    const tracker = await createTracker({
      store,
      run: job.run,
      config,
      prepared: job.prepared,
      dataset: prepared.index.dataset,
      resumedFrom: resumed?.step ?? 0,
      ...hooks.tracking,
      onNotice: hooks.onNotice,
    });
    const { cursor, reporter, parameters, reached } = await runPhases({
      job,
      plan,
      resumed,
      checkpoints,
      tracker,
      hooks: { ...hooks, signal },
      device: environment.device,
      team,
    });
    if (reached) return undefined;
    if (!cursor.best) throw new Error('a run has at least one epoch');

    reporter.turn('exporting', { epoch: cursor.epoch, step: cursor.step, last: cursor.history.at(-1) });
    const examples = picturesOf(validation, shape);
    const served = { averageFlip: config.average_flip, microBatch: config.micro_batch };
    const result: RunResult = {
      run: job.run,
      config,
      prepared: job.prepared,
      model: await writeModel(store, job.run, plan.model, prepared.index, examples, {
        ...served,
        precision: config.precision,
      }),
      best: cursor.best,
      history: cursor.history,
      parameters,
      ...(config.pruning && { sparsity: sparsityOf(plan.model) }),
      environment: runEnvironment(config.threads),
      seconds: { training: (performance.now() - began) / 1000, checkpoints: checkpoints.seconds },
    };
    await putJson(store, `runs/${job.run}/config.json`, config);
    const sample = samplePictures(plan.model, validation, examples, prepared.index.classes, served);
    await tracker.finish(result, sample);
    const bytes = Buffer.from(canonicalJson(result));
    const created = await store.create(resultKey, bytes);
    const ref = resultRef(resultKey, created ? bytes : await store.read(resultKey));
    await checkpoints.clear();
    return ref;
  } finally {
    plan.model.dispose();
  }
}

interface PhasesRun {
  readonly job: TrainerJob;
  readonly plan: Plan;
  readonly resumed: TrainingState | undefined;
  readonly checkpoints: Checkpoints;
  readonly tracker: Tracker;
  readonly hooks: TrainingHooks;
  readonly device: string;
  /** Where several processes share every step. */
  readonly team: Team | undefined;
}

/**
 * All phases, one after the other; at the end the model has the best epoch's weights, unless the job's `until` was reached
 * before.
 */
export async function runPhases(run: PhasesRun) {
  const { job, plan, checkpoints, tracker, hooks, device, team } = run;
  let { resumed } = run;
  const { config } = job;
  const { phases } = plan;
  const rule = checkpointRule(config.checkpoint_every);
  const stepsOf = (phase: Phase): number => Math.ceil(phase.train.count / config.batch_size) * phase.epochs;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const epochs = sum(phases.map((phase) => phase.epochs));
  const reporter = new ProgressReporter(hooks.onProgress, {
    epochs,
    steps: sum(phases.map(stepsOf)),
    device,
  });

  if (resumed)
    hooks.onNotice(`Going on after ${resumed.step} steps, in epoch ${resumed.epoch + 1} of ${epochs}.`);
  const cursor = cursorOf(resumed);
  const { onEpoch = () => undefined } = hooks;
  for (const metrics of cursor.history) onEpoch(metrics);
  let parameters = 0;
  for (const [index, phase] of phases.entries()) {
    if (index < cursor.phase) continue;
    const learner = phase.learner();
    parameters = learner.parameters;
    try {
      if (team) await team.begin(learner, cursor.step, resumed?.learner);
      else if (resumed) learner.setState(resumed.learner);
      // Of a phase that starts from the last one's best: that is its own best so far.
      if (!resumed && cursor.bestWeights) cursor.bestWeights = learner.weights();
      resumed = undefined;
      const before = {
        epoch: sum(phases.slice(0, index).map((earlier) => earlier.epochs)),
        step: sum(phases.slice(0, index).map(stepsOf)),
      };
      // An earlier phase may have ended early.
      cursor.epoch = Math.max(cursor.epoch, before.epoch);
      cursor.step = Math.max(cursor.step, before.step);
      const reached = await runPhase({
        config,
        phase,
        before,
        learner,
        cursor,
        checkpoints,
        rule,
        tracker,
        reporter,
        signal: hooks.signal,
        onEpoch,
        until: job.until,
        team,
      });
      if (reached) return { cursor, reporter, parameters, reached };
      if (cursor.bestWeights) learner.setWeights(cursor.bestWeights);
      learner.store();
    } finally {
      learner.dispose();
    }
    cursor.phase = index + 1;
    cursor.within = nothingYet;
  }
  return { cursor, reporter, parameters, reached: false };
}

function cursorOf(state: TrainingState | undefined): Cursor {
  if (!state) {
    return {
      phase: 0,
      epoch: 0,
      step: 0,
      within: nothingYet,
      best: undefined,
      bestWeights: undefined,
      history: [],
    };
  }
  const { phase, epoch, step, within, best, bestWeights, history } = state;
  return { phase, epoch, step, within, best, bestWeights, history: [...history] };
}

function resultRef(key: string, bytes: Uint8Array): RunRef {
  parseDocument(bytes, runResultSchema, key);
  return { uri: storeUri(key), sha256: sha256(bytes) };
}
