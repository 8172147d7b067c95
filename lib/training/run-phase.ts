import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import { epochMetricsSchema, type EpochMetrics } from '../../contracts/schemas/documents';
import type { RunConfig } from '../../contracts/schemas/run';
import type { Tracker } from '../tracking/tracker';
import { plainBatches, trainingBatches } from './batches';
import { isBetter, isStalled } from './best-epoch';
import type { CheckpointRule } from './checkpoint-rule';
import type { Checkpoints, TrainingState, WithinEpoch } from './checkpoints';
import type { Computed, Learner } from './learner';
import type { Turn } from './parallel/flat-gradients';
import type { Team } from './parallel/team';
import type { Phase } from './phases';
import type { ProgressReporter } from './progress';
import { isPruned, sparsityAfter } from './pruning';
import { rateAt } from './schedule';

/** What a run goes through, as it stands; a {@link TrainingState} without the numbers. */
export interface Cursor {
  phase: number;
  epoch: number;
  step: number;
  within: WithinEpoch;
  best: EpochMetrics | undefined;
  bestWeights: Float32Array | undefined;
  history: EpochMetrics[];
}

export interface PhaseRun {
  readonly config: RunConfig;
  readonly phase: Phase;
  /** The epoch and the step before this phase's first. */
  readonly before: { readonly epoch: number; readonly step: number };
  readonly learner: Learner;
  readonly cursor: Cursor;
  readonly checkpoints: Checkpoints;
  readonly rule: CheckpointRule;
  readonly tracker: Tracker;
  readonly reporter: ProgressReporter;
  readonly signal: AbortSignal;
  readonly onEpoch: (metrics: EpochMetrics) => void;
  /** Epochs of the whole run after which to stop. */
  readonly until: number | undefined;
  /** Where several processes share every step. */
  readonly team?: Team | undefined;
}

/** Examples answered at once when nothing is learnt. */
const judgedAtOnce = 64;

export const nothingYet: WithinEpoch = { batches: 0, loss: 0, correct: 0, count: 0, seconds: 0 };

/**
 * Goes through the rest of one phase, epoch by epoch, with checkpoints on the way. Once the signal is aborted, the state
 * is saved before its reason is thrown.
 *
 * @returns whether it stopped at `until`, its state saved, with more to do.
 * @throws Failure `training-diverged`; the signal's reason.
 */
export async function runPhase(run: PhaseRun): Promise<boolean> {
  const { phase, before, cursor, config, until = Infinity } = run;
  const saver = createSaver(run);
  const { pruning } = phase;
  const stepsPerEpoch = Math.ceil(phase.train.count / config.batch_size);
  /** Whether an epoch may be the best one: not while weights are still being pruned. */
  const counts = (epoch: number): boolean =>
    epoch > before.epoch &&
    (!pruning ||
      isPruned(pruning, {
        step: (epoch - before.epoch) * stepsPerEpoch,
        steps: phase.epochs * stepsPerEpoch,
      }));
  const isOver = (): boolean => {
    const own = cursor.history.filter(({ epoch }) => counts(epoch));
    return (
      cursor.epoch >= before.epoch + phase.epochs || isStalled(own, config.early_stopping, config.best_by)
    );
  };
  while (!isOver()) {
    if (cursor.epoch >= until) {
      await saver.save();
      return true;
    }
    const metrics = await runEpoch(run, saver);
    cursor.history.push(metrics);
    cursor.epoch += 1;
    cursor.within = nothingYet;
    const standing = pruning && !counts(cursor.best?.epoch ?? 0) ? undefined : cursor.best;
    if (counts(cursor.epoch) && (!standing || isBetter(metrics, standing, config.best_by))) {
      cursor.best = metrics;
      cursor.bestWeights = run.learner.weights();
    }
    run.tracker.epoch(metrics, () => run.learner.named());
    run.onEpoch(metrics);
    if (cursor.epoch < until) await saver.saveIfDue({ epoch: true });
  }
  await saver.save();
  return false;
}

interface Saver {
  save(): Promise<void>;
  /** @param turn.step - That will be done by then. */
  isDue(turn: { readonly epoch: boolean; readonly step?: number }): boolean;
  saveIfDue(turn: { readonly epoch: boolean }): Promise<void>;
}

function createSaver({ cursor, learner, checkpoints, rule, reporter, tracker, team }: PhaseRun): Saver {
  let since = { at: performance.now(), step: cursor.step, epoch: cursor.epoch };
  const capture = (): TrainingState => ({
    ...cursor,
    history: [...cursor.history],
    learner: team ? team.state(learner) : learner.state(),
  });
  const saver: Saver = {
    async save() {
      if (team && !team.leads) return;
      reporter.turn('saving', placeOf(cursor));
      // First what was told of these steps: a checkpoint means that they need not be done again.
      await tracker.flush(cursor.step);
      await checkpoints.save(capture);
      since = { at: performance.now(), step: cursor.step, epoch: cursor.epoch };
    },
    isDue({ epoch, step = cursor.step }) {
      return rule.due({
        seconds: (performance.now() - since.at) / 1000,
        steps: step - since.step,
        epochs: epoch ? cursor.epoch - since.epoch : 0,
      });
    },
    async saveIfDue(turn) {
      if (saver.isDue(turn)) await saver.save();
    },
  };
  return saver;
}

async function runEpoch(run: PhaseRun, saver: Saver): Promise<EpochMetrics> {
  const { config, phase, before, learner, cursor, tracker, reporter, signal, team } = run;
  const epoch = cursor.epoch + 1;
  const { batch_size: batchSize, seed } = config;
  const stepsPerEpoch = Math.ceil(phase.train.count / batchSize);
  const steps = stepsPerEpoch * phase.epochs;
  const last = cursor.history.at(-1);
  let began = performance.now();
  let rate = rateAt(config.schedule, phase.lr, {
    ...{ stepsPerEpoch, steps },
    // Of an epoch that was learnt before it was resumed, the last step's.
    step: Math.max(1, cursor.step - before.step),
  });
  reporter.turn('training', { epoch, step: cursor.step, last });
  const options = {
    batchSize,
    augmentation: phase.augmentation,
    seed,
    epoch,
    skip: cursor.within.batches,
    ...(team && { part: team.part }),
  };

  for (const batch of trainingBatches(phase.train, options)) {
    if (!team) await stopIfAsked(signal, saver);
    const step = cursor.step + 1;
    const next = (): Turn =>
      signal.aborted ? 'stop' : saver.isDue({ epoch: false, step }) ? 'save' : 'go-on';
    const place = { step: step - before.step, stepsPerEpoch, steps };
    rate = rateAt(config.schedule, phase.lr, place);
    const own = learner.compute(batch, step);
    const { computed, count, turn } = team
      ? await team.add(own, batch.count, step, next)
      : { computed: own, count: batch.count, turn: next() };
    const { figures } = computed;
    if (!Number.isFinite(figures.loss)) throw diverged(learner, computed, { epoch, step, rate });
    // Asked once: a window that came due while the step was taken would have no norm to tell.
    const closes = reporter.isDue;
    const sparsity = phase.pruning && sparsityAfter(phase.pruning, place);
    // Each phase has an optimiser and averages of its own, which begin at their first step.
    const taken = { step: place.step, rate, norm: closes, sparsity };
    const { gradientNorm } = learner.apply(computed, taken);
    cursor.step = step;
    const now = performance.now();
    cursor.within = {
      batches: cursor.within.batches + 1,
      loss: cursor.within.loss + figures.loss,
      correct: cursor.within.correct + figures.correct,
      count: cursor.within.count + count,
      seconds: cursor.within.seconds + (now - began) / 1000,
    };
    began = now;
    const window = reporter.learnt({ count, ...figures }, { epoch, step, last }, closes);
    if (window) {
      tracker.step({ ...window, step, epoch, lr: rate, gradientNorm: gradientNorm ?? NaN, at: Date.now() });
    }
    if (turn !== 'go-on') {
      await team?.collect(learner, step);
      await saver.save();
      if (turn === 'stop') signal.throwIfAborted();
    }
    await nextTurn();
  }

  await team?.settle(learner, cursor.step);
  const rest = (): Promise<EpochMetrics> => judgedEpoch(run, saver, epoch, rate);
  return team ? team.told(epochMetricsSchema, cursor.step, rest) : rest();
}

/** The epoch's figures once it is learnt. */
async function judgedEpoch(run: PhaseRun, saver: Saver, epoch: number, rate: number): Promise<EpochMetrics> {
  const learnt = run.cursor.within;
  const judged = await judge(run, epoch, saver);
  if (!Number.isFinite(judged.loss)) {
    throw new Failure(
      'training-diverged',
      `After epoch ${epoch} the loss of the validation pictures is not a number. A smaller lr usually helps.`,
    );
  }
  return {
    epoch,
    train_loss: learnt.loss / learnt.count,
    train_accuracy: learnt.correct / learnt.count,
    validation_loss: judged.loss,
    validation_accuracy: judged.accuracy,
    seconds: Number((learnt.seconds + judged.seconds).toFixed(3)),
    lr: rate,
    examples_per_second: Number((learnt.count / learnt.seconds).toFixed(1)),
  };
}

async function judge(
  { config, phase, learner, reporter, cursor, signal }: PhaseRun,
  epoch: number,
  saver: Saver,
): Promise<{ readonly loss: number; readonly accuracy: number; readonly seconds: number }> {
  const began = performance.now();
  const place = { epoch, step: cursor.step, last: cursor.history.at(-1) };
  reporter.turn('validating', place);
  const sum = { loss: 0, correct: 0, count: 0 };
  // What is learnt in parts for want of memory is judged in parts, too.
  const atOnce = Math.min(judgedAtOnce, config.micro_batch ?? judgedAtOnce);
  for (const batch of plainBatches(phase.validation, atOnce)) {
    await stopIfAsked(signal, saver);
    const { loss, correct } = learner.judge(batch);
    sum.loss += loss;
    sum.correct += correct;
    sum.count += batch.count;
    reporter.alive('validating', place);
    await nextTurn();
  }
  return {
    loss: sum.loss / sum.count,
    accuracy: sum.correct / sum.count,
    seconds: (performance.now() - began) / 1000,
  };
}

async function stopIfAsked(signal: AbortSignal, saver: Saver): Promise<void> {
  if (!signal.aborted) return;
  await saver.save();
  signal.throwIfAborted();
}

function placeOf({ epoch, step, history }: Cursor) {
  return { epoch, step, last: history.at(-1) };
}

/** Layers named in a diagnosis. */
const named = 5;

function diverged(
  learner: Learner,
  computed: Computed,
  { epoch, step, rate }: { readonly epoch: number; readonly step: number; readonly rate: number },
): Failure {
  const norms = learner.gradientNorms(computed);
  const worst = norms
    .toSorted(
      (a, b) => (Number.isFinite(b.norm) ? b.norm : Infinity) - (Number.isFinite(a.norm) ? a.norm : Infinity),
    )
    .slice(0, named)
    .map(({ name, norm }) => `${name} ${norm.toExponential(1)}`);
  return new Failure(
    'training-diverged',
    `In epoch ${epoch}, step ${step}, at a learning rate of ${rate.toPrecision(3)}, the loss stopped being a number. ` +
      `The longest gradients: ${worst.join(', ')}. A smaller lr, a warm-up or clip_norm usually helps.`,
  );
}
