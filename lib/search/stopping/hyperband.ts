import type { HyperbandRule } from '../../../contracts/schemas/early-terminate';
import { ascending, lossOf, figures, type Curve, type Goal, type StopDecision } from './curve';

/** As many bands as W&B makes from `min_iter`, which has no end of its own. */
const bandsFromFirst = 100;

/**
 * The epochs after which trials are compared, ascending.
 *
 * @returns `max_iter` divided by `eta` again and again, at most `s` times and while it is at least 1; else `min_iter` times
 * `eta` again and again. Cut down to whole epochs, so that an `eta` near 1 names some more than once.
 */
export function hyperbandBands({ min_iter, max_iter, s = 0, eta }: HyperbandRule): readonly number[] {
  const bands: number[] = [];
  if (max_iter !== undefined) {
    for (let band = max_iter / eta; bands.length < s && band >= 1; band /= eta) bands.push(Math.trunc(band));
    return bands.reverse();
  }
  if (min_iter === undefined) return [];
  for (let band = min_iter; bands.length < bandsFromFirst; band *= eta) bands.push(Math.trunc(band));
  return bands;
}

/**
 * W&B's hyperband stopping (`hyperband_stop_runs` of its package `sweeps`), after Li et al., "Hyperband: A Novel Bandit-Based
 * Approach to Hyperparameter Optimization", JMLR 18 (2018). At the newest band that the trial has reached, the threshold is
 * the value in place ⌊n/eta⌋ (from 0, best first) of all n trials that have reached it, whatever became of them.
 * W&B leaves out of a curve what is no finite number; here it is the worst there is, and its epoch counts.
 */
export function hyperbandDecision(
  rule: HyperbandRule,
  goal: Goal,
  curves: readonly Curve[],
  trial: number,
): StopDecision {
  const curve = curves.find((one) => one.trial === trial);
  if (curve?.state !== 'running') return { stop: false };
  const epoch = curve.values.length;
  const band = hyperbandBands(rule).findLast((one) => one <= epoch);
  if (band === undefined) return { stop: false };
  const losses = ascending(
    curves.flatMap(({ values }) => {
      const value = values[band - 1];
      return value === undefined ? [] : [lossOf(goal, value)];
    }),
  );
  // Times the inverse, as W&B computes it: where the product is rounded, it is rounded to the same side.
  const threshold = losses[Math.trunc((1 / rule.eta) * losses.length)] ?? Infinity;
  const counted = rule.strict ? curve.values.slice(band - 1, band) : curve.values;
  const loss = counted.reduce((least, value) => Math.min(least, lossOf(goal, value)), Infinity);
  if (loss <= threshold) return { stop: false };
  const [found, limit] = figures(goal, loss, threshold);
  const what = rule.strict ? `epoch ${band}: ${found}` : `epoch ${epoch}: the best so far, ${found},`;
  const why = `${what} is worse than ${limit}, the threshold of the band at ${band} over ${losses.length} runs`;
  return { stop: true, why };
}
