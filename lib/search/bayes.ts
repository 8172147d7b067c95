import type { Random } from '../random';
import { mostPromising, rowOf, type Surrogate } from './acquisition';
import type { Coordinates, Point } from './coordinates';
import type { Evidence } from './evidence';
import { condition, fitKernel } from './gaussian-process';
import { sobolSequence } from './sobol';
import { untriedOr } from './untried';
import { warp } from './warp';

/** So many trials tell the kernel's lengths well enough; the time that they take grows with the third power. */
const mostFitted = 80;
/** So many trials the process is given, those under way among them; of these, the newest. */
const mostGiven = 192;

/**
 * Bayesian optimisation: the point of the largest logarithm of the expected improvement under a Gaussian process of the
 * losses seen so far. Before there are enough of them, Sobol's sequence. Trials under way count as if they had come out as the
 * process expects (W&B's way), so that it looks elsewhere. Of more than 192 trials it is given the best
 * half of these and, of all others, some at even steps of their order by loss; its kernel is found from 80 chosen likewise.
 *
 * @param trial - Counted from 1.
 * @param random - Of its seed alone, the same for all trials of a sweep, the start-up depends.
 */
export function suggestByBayes(
  coordinates: Coordinates,
  evidence: Evidence,
  trial: number,
  random: Random,
): Point {
  const { dimensions } = coordinates;
  const axes = [...dimensions.keys()].filter((axis) => (dimensions[axis]?.size ?? 1) > 1);
  const { losses, points, pending, tried } = evidence;
  const own = random.fork(`trial-${trial}`);
  if (axes.length === 0 || losses.length < startUp(axes.length)) {
    return untriedOr(even(coordinates, trial, random), coordinates, tried, own);
  }
  const listed = axes.map((axis) => dimensions[axis]?.kind === 'categorical');
  const waiting = pending.slice(-mostGiven / 2).map((point) => rowOf(point, { axes, listed }));
  const given = spread(losses, mostGiven - waiting.length);
  const values = warp(given.map((at) => losses[at] ?? 0));
  const rows = given.map((at) => rowOf(points[at] ?? new Float64Array(), { axes, listed }));
  const fitted = spread(values, mostFitted);
  const kernel = fitKernel(
    fitted.map((at) => rows[at] ?? new Float64Array()),
    fitted.map((at) => values[at] ?? 0),
    listed,
  );
  const known = condition(rows, values, kernel, listed);
  const expected = waiting.map((row) => known.predict(row).mean);
  const process =
    waiting.length === 0 ? known : condition([...rows, ...waiting], [...values, ...expected], kernel, listed);
  const means = rows.map((row) => known.predict(row).mean);
  const best = means.reduce((one, other) => Math.min(one, other));
  const surrogate: Surrogate = { process, axes, listed, lengths: kernel.lengths, best };
  const leaders = spread(losses, losses.length)
    .slice(0, 5)
    .map((at) => points[at] ?? new Float64Array());
  const point = mostPromising(surrogate, coordinates, { leaders, points, tried, random: own });
  return untriedOr(point, coordinates, tried, own.fork('untried'));
}

/** How many losses there must be before a process is asked. */
function startUp(axes: number): number {
  return Math.min(10, Math.max(5, 2 * axes));
}

/** The trial's point of Sobol's sequence, the same shift for all of a sweep's trials. */
function even({ dimensions, settle }: Coordinates, trial: number, random: Random): Point {
  const shares = sobolSequence(dimensions.length, random.fork('sobol'))(trial - 1);
  return settle(dimensions.map(({ fromUniform }, at) => fromUniform(shares[at] ?? 0.5)));
}

/** Indices by loss, the least first: all of them, or the better half of `most` and the rest of it evenly from the others. */
function spread(losses: ArrayLike<number>, most: number): number[] {
  const order = Array.from({ length: losses.length }, (_, at) => at).sort(
    (one, other) => (losses[one] ?? 0) - (losses[other] ?? 0) || one - other,
  );
  if (order.length <= most) return order;
  const half = Math.floor(most / 2);
  const rest = order.slice(half);
  const others = Array.from(
    { length: most - half },
    (_, at) => rest[Math.floor(((at + 0.5) * rest.length) / (most - half))] ?? 0,
  );
  return [...order.slice(0, half), ...others];
}
