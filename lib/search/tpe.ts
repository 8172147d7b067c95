import type { Random } from '../random';
import type { Coordinates, Point } from './coordinates';
import { keyOf, type Evidence } from './evidence';
import { parzenEstimator } from './parzen';
import { sobolSequence } from './sobol';
import { untriedOr } from './untried';

/** Trials before any that are searched for. */
const startUp = 10;
/** Bergstra's 24 are few for many parameters at once. */
const candidates = 64;

/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kégl, 2011): of 64 points drawn as the good trials lie,
 * the one whose density among the good is largest beside that among the others. The good are the best tenth, 25 at most; trials
 * under way are among the others, so that it looks elsewhere.
 *
 * @param trial - Counted from 1.
 */
export function suggestByTpe(
  coordinates: Coordinates,
  { losses, points, pending, tried }: Evidence,
  trial: number,
  random: Random,
): Point {
  const { dimensions, settle } = coordinates;
  const own = random.fork(`trial-${trial}`);
  if (losses.length < startUp) {
    const shares = sobolSequence(dimensions.length, random.fork('sobol'))(trial - 1);
    const point = settle(dimensions.map(({ fromUniform }, at) => fromUniform(shares[at] ?? 0.5)));
    return untriedOr(point, coordinates, tried, own);
  }
  const order = [...losses.keys()].sort(
    (one, other) => (losses[one] ?? 0) - (losses[other] ?? 0) || one - other,
  );
  const good = new Set(order.slice(0, goodOf(losses.length)));
  const among = parzenEstimator(
    points.filter((_, at) => good.has(at)),
    coordinates,
  );
  const others = parzenEstimator([...points.filter((_, at) => !good.has(at)), ...pending], coordinates);
  const drawn = Array.from({ length: candidates }, () => among.draw(own));
  const fresh = drawn.filter((point) => coordinates.size === Infinity || !tried.has(keyOf(point)));
  const rated = (fresh.length > 0 ? fresh : drawn).map((point) => ({
    point,
    rating: among.logDensity(point) - others.logDensity(point),
  }));
  const { point } = rated.reduce((one, other) => (other.rating > one.rating ? other : one));
  return untriedOr(point, coordinates, tried, own.fork('untried'));
}

function goodOf(trials: number): number {
  return Math.min(Math.ceil(0.1 * trials), 25);
}
