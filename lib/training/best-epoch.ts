import type { EpochMetrics } from '../../contracts/schemas/documents';
import type { RunConfig } from '../../contracts/schemas/run';

type By = RunConfig['best_by'];

/** Whether one epoch beats another; of equally accurate ones the lower loss decides, then the earlier stays. */
export function isBetter(metrics: EpochMetrics, best: EpochMetrics, by: By): boolean {
  if (by === 'validation_accuracy' && metrics.validation_accuracy !== best.validation_accuracy) {
    return metrics.validation_accuracy > best.validation_accuracy;
  }
  return metrics.validation_loss < best.validation_loss;
}

/**
 * Whether the patience is at its end (Prechelt, "Early Stopping – But When?", 1998): it depends on the history alone, so
 * that a training that is resumed stops where it would have.
 *
 * @param history - Of the part of the run that is stopped.
 */
export function isStalled(
  history: readonly EpochMetrics[],
  rule: RunConfig['early_stopping'],
  by: By,
): boolean {
  if (rule === undefined) return false;
  const gain = (now: EpochMetrics, then: EpochMetrics): number =>
    by === 'validation_accuracy'
      ? now.validation_accuracy - then.validation_accuracy
      : then.validation_loss - now.validation_loss;
  let [reference, since] = [history[0], 0];
  for (const metrics of history.slice(1)) {
    if (reference && gain(metrics, reference) > rule.min_delta) [reference, since] = [metrics, 0];
    else since += 1;
  }
  return since >= rule.patience;
}
