import type { HyperbandRule, MedianRule } from '../../../contracts/schemas/early-terminate';
import type { Curve, Goal, StopDecision } from './curve';
import { hyperbandDecision } from './hyperband';
import { medianDecision } from './median';

/**
 * Whether a trial that runs should be stopped, given how every trial of the sweep has gone so far: a function of what it is
 * given alone. A trial that doesn't run, or isn't there, is not stopped.
 *
 * @param curves - In any order, the trial's own among them.
 */
export function stopDecision(
  rule: HyperbandRule | MedianRule,
  goal: Goal,
  curves: readonly Curve[],
  trial: number,
): StopDecision {
  switch (rule.type) {
    case 'hyperband':
      return hyperbandDecision(rule, goal, curves, trial);
    case 'median':
      return medianDecision(rule, goal, curves, trial);
  }
}
