import type { Ranking } from './roc-auc';

/** At one threshold: the shares of others' and of the class's own pictures whose probability reaches it. */
export interface RocPoint {
  readonly others: number;
  readonly ofClass: number;
}

/**
 * The ROC curve of a class against the rest, from a threshold that nothing reaches (0, 0) to one that everything does
 * (1, 1); a group of ties is one straight step. Its area by trapezoids is `areaUnderRoc`.
 *
 * @param most - points at most: of more, evenly spaced ones are kept
 * @returns empty where either side has no picture
 */
export function rocCurve({ order, endsTie, isOfClass }: Ranking, most = Infinity): RocPoint[] {
  const all = isOfClass.reduce((sum, one) => sum + one, 0);
  const rest = order.length - all;
  if (all === 0 || rest === 0) return [];
  const points: RocPoint[] = [{ others: 0, ofClass: 0 }];
  let [ofClass, others] = [0, 0];
  for (let at = order.length - 1; at >= 0; at -= 1) {
    if (isOfClass[at] === 1) ofClass += 1;
    else others += 1;
    // The place before it ends a group: what follows has a lower probability.
    if (at === 0 || endsTie[at - 1] === 1) points.push({ others: others / rest, ofClass: ofClass / all });
  }
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from(
    { length: most },
    (_, index) => points[Math.round(index * step)] ?? { others: 1, ofClass: 1 },
  );
}
