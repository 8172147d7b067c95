import type { MedianRule } from '../../../contracts/schemas/early-terminate';
import { ascending, lossOf, figures, type Curve, type Goal, type StopDecision } from './curve';

/**
 * Optuna's median pruner: a trial is stopped whose best so far is worse than the median of the finished trials at the same
 * epoch. To be asked after every epoch: with `interval_steps` above 1, those between are not looked at.
 * Optuna leaves what is no number out of the median; here it counts as the worst, as it does in the trial itself.
 */
export function medianDecision(
  rule: MedianRule,
  goal: Goal,
  curves: readonly Curve[],
  trial: number,
): StopDecision {
  const curve = curves.find((one) => one.trial === trial);
  if (curve?.state !== 'running' || curve.values.length === 0) return { stop: false };
  const epoch = curve.values.length;
  const step = epoch - 1;
  if (step < rule.n_warmup_steps || (step - rule.n_warmup_steps) % rule.interval_steps !== 0) {
    return { stop: false };
  }
  const finished = curves.filter(({ state }) => state === 'finished');
  if (finished.length === 0 || finished.length < rule.n_startup_trials) return { stop: false };
  const loss = curve.values.reduce((least, value) => Math.min(least, lossOf(goal, value)), Infinity);
  if (loss === Infinity) return { stop: true, why: `epoch ${epoch}: the trial has had no finite number yet` };
  const losses = finished.flatMap(({ values }) => {
    const value = values[step];
    return value === undefined ? [] : [lossOf(goal, value)];
  });
  if (losses.length < rule.n_min_trials) return { stop: false };
  const median = medianOf(ascending(losses));
  if (loss <= median) return { stop: false };
  const [found, limit] = figures(goal, loss, median);
  const over = `the median of ${losses.length} finished trials there`;
  return { stop: true, why: `epoch ${epoch}: the best so far, ${found}, is worse than ${limit}, ${over}` };
}

/** Of an even number, half way between the two in the middle. */
function medianOf(sorted: readonly number[]): number {
  const low = sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity;
  const high = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
  return high === Infinity ? high : high - (high - low) / 2;
}
