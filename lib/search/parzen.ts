import type { Random } from '../random';
import type { Coordinates, Dimension, Point } from './coordinates';
import { normalCdf } from './normal';
import { normalQuantile } from './quantiles';

/** Density of where trials lie. */
export interface ParzenEstimator {
  draw(random: Random): Point;
  /** ln of the density at a point; of what has steps, of the share of its cell. */
  logDensity(point: Point): number;
}

/** On one axis: a normal distribution between 0 and 1 around each trial; NaN where it isn't asked for. */
interface Bells {
  readonly middles: Float64Array;
  readonly widths: Float64Array;
  /** What of each bell lies below 0, and below 1. */
  readonly below: Float64Array;
  readonly until: Float64Array;
}

/**
 * A mixture with one part for each trial and one for the space itself, each part a product over the parameters. So it keeps
 * which values go together: the multivariate form of Bergstra, Bardenet, Bengio and Kégl, "Algorithms for Hyper-Parameter
 * Optimization" (2011), as Falkner, Klein and Hutter's BOHB (2018) has it, with the widths of the former. What a part's trial
 * wasn't asked for, it draws as the space does.
 *
 * @param points - In the order of the trials: beyond the newest 25 the weights fall off, the oldest the lightest.
 */
export function parzenEstimator(
  points: readonly Point[],
  { dimensions, settle }: Coordinates,
): ParzenEstimator {
  const parts = points.length + 1;
  const weights = weightsOf(points.length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const bells = dimensions.map((dimension, axis) =>
    dimension.kind === 'categorical' ? undefined : bellsOf(points.map((point) => point[axis] ?? NaN)),
  );

  function drawAxis(dimension: Dimension, axis: number, part: number, random: Random): number {
    const u = random.next() + 2 ** -33;
    const seen = points[part]?.[axis] ?? NaN;
    if (Number.isNaN(seen)) return dimension.fromUniform(u);
    const on = bells[axis];
    if (on === undefined) {
      // The seen value, but for the share that the space keeps.
      return random.next() < 1 / (1 + dimension.size / parts) ? seen : dimension.fromUniform(u);
    }
    const [below, until] = [on.below[part] ?? 0, on.until[part] ?? 1];
    const share = Math.min(1 - 1e-16, Math.max(1e-300, below + u * (until - below)));
    const drawn = (on.middles[part] ?? 0) + (on.widths[part] ?? 1) * normalQuantile(share);
    return Math.min(1, Math.max(0, drawn));
  }

  function logPart(point: Point, cells: readonly (readonly [number, number])[], part: number): number {
    let sum = 0;
    for (const [axis, dimension] of dimensions.entries()) {
      const here = point[axis] ?? NaN;
      if (Number.isNaN(here)) continue;
      const seen = points[part]?.[axis] ?? NaN;
      const [low, high] = cells[axis] ?? [here, here];
      const on = bells[axis];
      if (on === undefined) {
        const share = dimension.shares[here] ?? 0;
        const kept = dimension.size / parts;
        sum += Math.log(Number.isNaN(seen) ? share : (Number(here === seen) + kept * share) / (1 + kept));
      } else if (Number.isNaN(seen)) {
        if (dimension.kind === 'stepped') sum += Math.log(high - low);
      } else {
        sum += logBell(on, part, here, dimension.kind === 'stepped' ? [low, high] : undefined);
      }
    }
    return sum;
  }

  return {
    draw(random) {
      let rest = random.next() * total;
      let part = 0;
      while (part < parts - 1 && (rest -= weights[part] ?? 0) >= 0) part += 1;
      return settle(dimensions.map((dimension, axis) => drawAxis(dimension, axis, part, random)));
    },
    logDensity(point) {
      const cells = dimensions.map(({ cell, kind }, axis): readonly [number, number] => {
        const here = point[axis] ?? NaN;
        return kind === 'stepped' && !Number.isNaN(here) ? cell(here) : [here, here];
      });
      const logs = Array.from(
        { length: parts },
        (_, part) => Math.log((weights[part] ?? 0) / total) + logPart(point, cells, part),
      );
      const top = logs.reduce((one, other) => Math.max(one, other));
      return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0));
    },
  };
}

/** One weight for each trial, and 1 for the space. */
function weightsOf(trials: number): number[] {
  const ramp = Math.max(0, trials - 25);
  const old = Array.from({ length: ramp }, (_, at) =>
    ramp === 1 ? 1 / trials : 1 / trials + ((1 - 1 / trials) * at) / (ramp - 1),
  );
  return [...old, ...Array.from({ length: Math.min(trials, 25) + 1 }, () => 1)];
}

/**
 * Each as wide as the farther of its neighbours is away, but no narrower than a share that falls with their number. The share is
 * half of Bergstra's: with his, the few good trials are blurred so far that a search of fifty trials ends before it has looked
 * closely (Watanabe, "Tree-Structured Parzen Estimator: Understanding Its Algorithm Components", 2023, on the least width).
 */
function bellsOf(middles: readonly number[]): Bells {
  const order = [...middles.keys()]
    .filter((at) => !Number.isNaN(middles[at] ?? NaN))
    .sort((one, other) => (middles[one] ?? 0) - (middles[other] ?? 0) || one - other);
  const least = 0.5 / Math.min(100, 2 + order.length);
  const widths = new Float64Array(middles.length).fill(1);
  for (const [rank, at] of order.entries()) {
    const here = middles[at] ?? 0;
    const left = order[rank - 1];
    const right = order[rank + 1];
    // The ends of the range are neighbours only of a trial that is alone.
    const alone = order.length === 1;
    const toLeft = left === undefined ? (alone ? here : 0) : here - (middles[left] ?? 0);
    const toRight = right === undefined ? (alone ? 1 - here : 0) : (middles[right] ?? 0) - here;
    widths[at] = Math.min(1, Math.max(least, toLeft, toRight));
  }
  return {
    middles: Float64Array.from(middles),
    widths,
    below: widths.map((width, at) => normalCdf(-(middles[at] ?? 0) / width)),
    until: widths.map((width, at) => normalCdf((1 - (middles[at] ?? 0)) / width)),
  };
}

function logBell(
  { middles, widths, below, until }: Bells,
  part: number,
  here: number,
  cell: readonly [number, number] | undefined,
): number {
  const [middle, width] = [middles[part] ?? 0, widths[part] ?? 1];
  const inside = Math.log((until[part] ?? 1) - (below[part] ?? 0));
  if (cell === undefined) {
    const away = (here - middle) / width;
    return (-away * away) / 2 - Math.log(width * Math.sqrt(2 * Math.PI)) - inside;
  }
  const share = normalCdf((cell[1] - middle) / width) - normalCdf((cell[0] - middle) / width);
  return Math.log(Math.max(share, 1e-300)) - inside;
}
