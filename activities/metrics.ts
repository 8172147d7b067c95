import { CancelledFailure, metricMeter } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Failure } from '../contracts/failures';
import type { EpochMetrics } from '../contracts/schemas/documents';

/**
 * What activities tell Prometheus, beside what Temporal's SDK tells of itself. The SDK puts the queue and the activity's
 * type on each (`taskQueue`, `activityType`), and writes `_total` after a counter's name.
 */
export const activityMetrics = {
  trainings: 'drover_trainings',
  epochs: 'drover_training_epochs',
  speed: 'drover_training_examples_per_second',
  failures: 'drover_failures',
} as const;

/** How an attempt at a training ended: with its result, at the epoch it was to end at, by being told to stop, or badly. */
type TrainingOutcome = 'finished' | 'part' | 'stopped' | 'failed';

/** Notes that an attempt at a training has ended. */
export function countTraining(outcome: TrainingOutcome): void {
  const help = 'Attempts at a training, by how they ended: finished, part, stopped, failed';
  metricMeter.createCounter(activityMetrics.trainings, undefined, help).add(1, { outcome });
}

/** Notes that an epoch of a training has ended here, and how fast it was. */
export function countEpoch({ examples_per_second: speed }: EpochMetrics): void {
  metricMeter.createCounter(activityMetrics.epochs, undefined, 'Epochs that were trained').add(1);
  if (speed === undefined) return;
  const help = 'Pictures a second, of the last epoch';
  metricMeter.createGauge(activityMetrics.speed, 'float', undefined, help).set(speed);
}

/** Notes why an attempt at an activity failed; a cancellation is no failure. */
export function countFailure(error: unknown): void {
  if (error instanceof CancelledFailure) return;
  const help = 'Attempts at an activity that failed, by the type of the failure';
  metricMeter.createCounter(activityMetrics.failures, undefined, help).add(1, { type: typeOf(error) });
}

function typeOf(error: unknown): string {
  if (error instanceof Failure) return error.type;
  return error instanceof ApplicationFailure && error.type ? error.type : 'defect';
}
