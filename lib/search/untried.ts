import type { Random } from '../random';
import type { Coordinates, Dimension, Point } from './coordinates';
import { keyOf } from './evidence';

/** Up to so many points a space is gone through whole. */
const mostListed = 4096;

/**
 * Every point that nobody has tried, of a space that is small enough to list.
 *
 * @returns undefined of a larger space.
 */
export function untriedPoints(coordinates: Coordinates, tried: ReadonlySet<string>): Point[] | undefined {
  const { dimensions, size, settle } = coordinates;
  if (size > mostListed) return undefined;
  const lattices = dimensions.map(latticeOf);
  const found = new Map<string, Point>();
  for (let index = 0; index < size; index += 1) {
    let rest = index;
    const cell = lattices.map((lattice) => {
      const coordinate = lattice[rest % lattice.length] ?? 0;
      rest = Math.floor(rest / lattice.length);
      return coordinate;
    });
    const point = settle(cell);
    const key = keyOf(point);
    if (!tried.has(key)) found.set(key, point);
  }
  return [...found.values()];
}

/**
 * A point of which nobody has tried the like, where the space has an end and such a point is found: else the one given.
 *
 * @param random - What is drawn where the one given is taken.
 */
export function untriedOr(
  point: Point,
  coordinates: Coordinates,
  tried: ReadonlySet<string>,
  random: Random,
): Point {
  if (coordinates.size === Infinity || !tried.has(keyOf(point))) return point;
  const listed = untriedPoints(coordinates, tried);
  if (listed !== undefined) return listed.length > 0 ? (listed[random.int(listed.length)] ?? point) : point;
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const drawn = drawPoint(coordinates, random);
    if (!tried.has(keyOf(drawn))) return drawn;
  }
  return point;
}

/** A point at random, as its distributions say. */
export function drawPoint({ dimensions, settle }: Coordinates, random: Random): Point {
  return settle(dimensions.map(({ fromUniform }) => fromUniform(random.next() + 2 ** -33)));
}

/** All coordinates of a dimension that has an end, upwards. */
export function latticeOf(dimension: Dimension): number[] {
  if (dimension.kind === 'categorical') return Array.from({ length: dimension.size }, (_, at) => at);
  const found: number[] = [];
  for (let from = 2 ** -33; from < 1;) {
    const coordinate = dimension.fromUniform(from);
    found.push(coordinate);
    from = Math.max(dimension.cell(coordinate)[1], from) + 1e-12;
    if (dimension.size === 1) break;
  }
  return found;
}
