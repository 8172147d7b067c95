import type { TrialSeen } from '../../contracts/search';
import type { Coordinates, Point } from './coordinates';

/** What a model learns from. */
export interface Evidence {
  /** The trials whose worth is known, in their order. */
  readonly points: readonly Point[];
  /** The metric of each, turned so that less is better; of failed ones, the worst that was seen. */
  readonly losses: readonly number[];
  /** Under way. */
  readonly pending: readonly Point[];
  /** Every point that this sweep has tried or is trying, whatever came of it, by `keyOf`. */
  readonly tried: ReadonlySet<string>;
}

interface Seen {
  readonly goal: 'minimize' | 'maximize';
  readonly observed: readonly TrialSeen[];
  readonly earlier?: readonly TrialSeen[];
}

/**
 * Sorts trials into what is known and what is under way. Trials whose parameters the space doesn't have (enqueued by hand, or
 * from an earlier sweep) teach nothing, and are left out. A failed trial, or one whose metric is no finite number, counts as
 * bad as the worst one; while none has a number, it counts for nothing.
 */
export function evidenceOf({ goal, observed, earlier = [] }: Seen, { encode }: Coordinates): Evidence {
  const points: Point[] = [];
  const found: (number | undefined)[] = [];
  const pending: Point[] = [];
  const tried = new Set<string>();
  for (const [trials, own] of [
    [earlier, false],
    [observed, true],
  ] as const) {
    for (const { parameters, state, value } of trials) {
      const point = encode(parameters);
      if (point === undefined) continue;
      if (own) tried.add(keyOf(point));
      if (state === 'running') {
        if (own) pending.push(point);
        continue;
      }
      points.push(point);
      const known = state !== 'failed' && value !== undefined && Number.isFinite(value);
      found.push(known ? (goal === 'minimize' ? value : -value) : undefined);
    }
  }
  const numbers = found.filter((loss) => loss !== undefined);
  if (numbers.length === 0) return { points: [], losses: [], pending, tried };
  const worst = numbers.reduce((one, other) => Math.max(one, other));
  return { points, losses: found.map((loss) => loss ?? worst), pending, tried };
}

/** The same for two points exactly where they are the same. */
export function keyOf(point: Point): string {
  return point.join(' ');
}
