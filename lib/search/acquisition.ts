import type { Random } from '../random';
import type { Coordinates, Point } from './coordinates';
import { keyOf } from './evidence';
import type { GaussianProcess } from './gaussian-process';
import { minimise } from './minimise';
import { logImprovement } from './normal';
import { sobolSequence } from './sobol';
import { latticeOf, untriedPoints } from './untried';

/** A surrogate of the losses, and what it must improve on. */
export interface Surrogate {
  readonly process: GaussianProcess;
  /** The dimensions that it knows, by their numbers; those with one value alone tell nothing. */
  readonly axes: readonly number[];
  readonly listed: readonly boolean[];
  readonly lengths: Float64Array;
  /** The least loss so far, in the process's own scale. */
  readonly best: number;
}

const evenly = 1024;
const nearby = 384;
const refined = 8;
const crowd = 8;
const nearness = 1e-2;

interface Known {
  /** The best trials so far, the best first. */
  readonly leaders: readonly Point[];
  readonly points: readonly Point[];
  readonly tried: ReadonlySet<string>;
  readonly random: Random;
}

interface Rated {
  readonly point: Point;
  readonly rating: number;
}

/** A point's row for the process: what isn't asked for lies in the middle, or is a value of its own. */
export function rowOf(point: Point, { axes, listed }: Pick<Surrogate, 'axes' | 'listed'>): Float64Array {
  return Float64Array.from(axes, (axis, at) => {
    const coordinate = point[axis] ?? NaN;
    if (!Number.isNaN(coordinate)) return coordinate;
    return listed[at] === true ? -1 : 0.5;
  });
}

/** ln of the improvement that is to be expected of a point, in the process's scale. */
function rate(point: Point, surrogate: Surrogate): number {
  const { mean, deviation } = surrogate.process.predict(rowOf(point, surrogate));
  return Math.log(deviation) + logImprovement((surrogate.best - mean) / deviation).value;
}

/**
 * The point of the largest expected improvement that is found: all untried points of a small space; else the best of 1,024
 * even ones and of 384 near the best trials, the most promising of them moved uphill, by slopes on what is continuous and by
 * trying steps on the rest. In a space with an end, points that were tried are left out; in one without, points that have eight
 * trials within a hundredth on every axis.
 */
export function mostPromising(
  surrogate: Surrogate,
  coordinates: Coordinates,
  { leaders, points, tried, random }: Known,
): Point {
  const rated = (point: Point): Rated => ({ point, rating: rate(point, surrogate) });
  const listed = untriedPoints(coordinates, tried);
  if (listed !== undefined && listed.length > 0) return first(listed.map(rated)).point;
  const spread = [...evenPoints(coordinates, random), ...nearPoints(surrogate, coordinates, leaders, random)];
  const fresh = (point: Point) =>
    coordinates.size === Infinity ? !isCrowded(point, points) : !tried.has(keyOf(point));
  const candidates = spread.filter(fresh).map(rated);
  // All that was drawn is taken: let the caller look further.
  if (candidates.length === 0) return leaders[0] ?? coordinates.settle([]);
  const starts = roulette(candidates, random);
  const climbed = starts.map((start) => climb(start, surrogate, coordinates));
  return first([...candidates, ...climbed.filter(({ point }) => fresh(point))]).point;
}

/** Whether so many trials lie so near that another would tell nothing: a process can be wrong about all the rest. */
function isCrowded(point: Point, points: readonly Point[]): boolean {
  const near = points.filter((other) =>
    other.every((value, axis) => {
      const here = point[axis] ?? NaN;
      return Math.abs(value - here) < nearness || (Number.isNaN(value) && Number.isNaN(here));
    }),
  );
  return near.length >= crowd;
}

function first(rated: readonly Rated[]): Rated {
  return rated.reduce((one, other) => (other.rating > one.rating ? other : one));
}

function evenPoints({ dimensions, settle }: Coordinates, random: Random): Point[] {
  const sequence = sobolSequence(dimensions.length, random.fork('even'));
  return Array.from({ length: evenly }, (_, index) => {
    const shares = sequence(index);
    return settle(dimensions.map(({ fromUniform }, at) => fromUniform(shares[at] ?? 0.5)));
  });
}

/** Points around the leaders, nearer and farther, in the process's lengths. */
function nearPoints(
  { axes, lengths }: Surrogate,
  { dimensions, settle }: Coordinates,
  leaders: readonly Point[],
  from: Random,
): Point[] {
  if (leaders.length === 0) return [];
  const random = from.fork('near');
  return Array.from({ length: nearby }, (_, index) => {
    const moved = (leaders[index % leaders.length] ?? new Float64Array()).slice();
    const width = 10 ** -(random.next() * 2.5);
    for (const [at, axis] of axes.entries()) {
      const dimension = dimensions[axis];
      const here = moved[axis] ?? NaN;
      if (dimension === undefined || Number.isNaN(here)) continue;
      if (dimension.kind === 'categorical') {
        if (random.next() < 1 / axes.length) moved[axis] = dimension.fromUniform(random.next() + 2 ** -33);
      } else {
        const step = width * Math.min(0.5, lengths[at] ?? 1) * random.normal();
        moved[axis] = Math.min(1, Math.max(0, here + step));
      }
    }
    return settle(moved);
  });
}

/** The best candidate and others, by chance in proportion to what they promise. */
function roulette(candidates: readonly Rated[], from: Random): Rated[] {
  const random = from.fork('roulette');
  const top = first(candidates);
  const chosen = [top];
  const left = new Map(
    candidates.filter((one) => one !== top).map((one) => [one, Math.exp(one.rating - top.rating)]),
  );
  while (chosen.length < refined && left.size > 0) {
    let sum = 0;
    for (const weight of left.values()) sum += weight;
    if (!(sum > 0)) break;
    let rest = random.next() * sum;
    for (const [candidate, weight] of left) {
      rest -= weight;
      if (rest > 0) continue;
      chosen.push(candidate);
      left.delete(candidate);
      break;
    }
  }
  return chosen;
}

/** Uphill from a start: slopes on continuous dimensions, steps on the others, until neither finds more. */
function climb(start: Rated, surrogate: Surrogate, coordinates: Coordinates): Rated {
  let here = start;
  for (let round = 0; round < 4; round += 1) {
    const smooth = climbSlopes(here, surrogate, coordinates);
    const next = climbSteps(smooth, surrogate, coordinates);
    if (next.rating <= here.rating + 1e-9) return next;
    here = next;
    // Nothing but slopes: they have been followed to their end.
    if (next === smooth) return next;
  }
  return here;
}

function climbSlopes(start: Rated, surrogate: Surrogate, { dimensions, settle }: Coordinates): Rated {
  const { axes, lengths, process, best } = surrogate;
  const moving = axes
    .map((axis, at) => ({ axis, at, length: lengths[at] ?? 1 }))
    .filter(({ axis }) => dimensions[axis]?.kind === 'continuous' && !Number.isNaN(start.point[axis] ?? NaN));
  if (moving.length === 0) return start;
  const row = rowOf(start.point, surrogate);
  // Measured in each axis's length, the slopes are of one size.
  const from = moving.map(({ at, length }) => (row[at] ?? 0) / length);
  const bounds = { low: moving.map(() => 0), high: moving.map(({ length }) => 1 / length) };
  const { x } = minimise(
    (scaled) => {
      for (const [index, { at, length }] of moving.entries()) row[at] = (scaled[index] ?? 0) * length;
      const { mean, deviation, meanSlopes, deviationSlopes } = process.predictSlopes(row);
      const z = (best - mean) / deviation;
      const improvement = logImprovement(z);
      const gradient = Float64Array.from(moving, ({ at, length }) => {
        const wider = (deviationSlopes[at] ?? 0) / deviation;
        const better = (-(meanSlopes[at] ?? 0) / deviation - z * wider) * improvement.slope;
        return -(wider + better) * length;
      });
      return { value: -(Math.log(deviation) + improvement.value), gradient };
    },
    from,
    bounds,
    { iterations: 40, tolerance: 1e-4 },
  );
  const moved = start.point.slice();
  for (const [index, { axis, length }] of moving.entries()) {
    moved[axis] = Math.min(1, Math.max(0, (x[index] ?? 0) * length));
  }
  const point = settle(moved);
  const rating = rate(point, surrogate);
  return rating > start.rating ? { point, rating } : start;
}

function climbSteps(start: Rated, surrogate: Surrogate, { dimensions, settle }: Coordinates): Rated {
  let here = start;
  for (const axis of surrogate.axes) {
    const dimension = dimensions[axis];
    const coordinate = here.point[axis] ?? NaN;
    if (dimension === undefined || dimension.kind === 'continuous' || Number.isNaN(coordinate)) continue;
    const others =
      dimension.size <= 24 ? latticeOf(dimension) : neighbours(coordinate, dimension.cell(coordinate));
    for (const other of others) {
      const moved = here.point.slice();
      moved[axis] = other;
      const point = settle(moved);
      const rating = rate(point, surrogate);
      if (rating > here.rating) here = { point, rating };
    }
  }
  return here;
}

/** Steps of one, two, four … cells to both sides. */
function neighbours(coordinate: number, [low, high]: readonly [number, number]): number[] {
  const found: number[] = [];
  for (let step = Math.max(high - low, 1e-9); step < 1; step *= 2) {
    found.push(Math.max(0, coordinate - step), Math.min(1, coordinate + step));
  }
  return found;
}
