import { squaredDistance } from './distances';
import { logChoose } from './log-choose';
import { createTurns } from './turns';

/** A picture's distance is that to its fifth nearest: one odd picture in the reference makes nothing familiar. */
export const neighbours = 5;

/**
 * How far each row is from the rows of another matrix: the distance to its fifth nearest neighbour (Sun et al., "Out-of-distribution detection
 * with deep nearest neighbors", ICML 2022).
 *
 * @param rows - `[n, dimensions]`
 * @param among - `[m, dimensions]`; of fewer than five rows, the distance to the farthest
 * @throws the signal's reason
 */
export async function neighbourDistances(
  rows: Float32Array,
  among: Float32Array,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const turn = createTurns(signal);
  const [n, m] = [rows.length / dimensions, among.length / dimensions];
  const distances = new Float64Array(n);
  const kept = Math.min(neighbours, m);
  for (let row = 0; row < n; row += 1) {
    /** The least so far, ascending. */
    const least = new Float64Array(kept).fill(Infinity);
    for (let other = 0; other < m; other += 1) {
      const distance = squaredDistance(rows, row, among, other, dimensions);
      let place = kept - 1;
      if (distance >= (least[place] ?? 0)) continue;
      for (; place > 0 && (least[place - 1] ?? 0) > distance; place -= 1)
        least[place] = least[place - 1] ?? 0;
      least[place] = distance;
    }
    distances[row] = Math.sqrt(least[kept - 1] ?? 0);
    await turn();
  }
  return distances;
}

export interface ForeignShare {
  /** Of the window: farther away than the `rank` farthest of the reference. */
  readonly share: number;
  /** Expected without drift. */
  readonly expected: number;
  readonly p: number;
  /** Of each picture of the window: the share of the reference's held-out half that is nearer than it. */
  readonly beyond: Float64Array;
}

/**
 * The share of the window that is farther from one half of the reference than almost all of its other half. Without drift the window's
 * distances and those of that half come in any order alike, so p is exact: the precedence test (L. S. Nelson, "Tables for a precedence life
 * test", Technometrics 5, 1963).
 *
 * @param reference - `[n, dimensions]`, shuffled already: the first half is what distances are measured to
 * @param nominal - The share of the reference that is called foreign.
 * @throws the signal's reason
 */
export async function foreignShare(
  reference: Float32Array,
  window: Float32Array,
  dimensions: number,
  { nominal, signal }: { readonly nominal: number; readonly signal?: AbortSignal | undefined },
): Promise<ForeignShare> {
  const count = reference.length / dimensions;
  const half = count >> 1;
  const known = reference.subarray(0, half * dimensions);
  const held = (
    await neighbourDistances(reference.subarray(half * dimensions), known, dimensions, signal)
  ).sort();
  const distances = await neighbourDistances(window, known, dimensions, signal);
  const rank = Math.max(1, Math.round(nominal * held.length));
  const limit = held[held.length - rank] ?? Infinity;
  const over = distances.reduce((sum, distance) => sum + (distance > limit ? 1 : 0), 0);
  return {
    share: over / distances.length,
    expected: rank / (held.length + 1),
    p: precedenceP(over, distances.length, rank, held.length),
    beyond: distances.map((distance) => shareBelow(held, distance)),
  };
}

/**
 * The chance that at least `over` of m values lie above the `rank` largest of n others, all from one distribution: X above it has
 * P(X = x) = C(x + rank − 1, x) C(n − rank + m − x, m − x) / C(n + m, m).
 */
export function precedenceP(over: number, m: number, rank: number, n: number): number {
  let p = 0;
  for (let x = m; x >= over; x -= 1) {
    p += Math.exp(logChoose(x + rank - 1, x) + logChoose(n - rank + m - x, m - x) - logChoose(n + m, m));
  }
  return over <= 0 ? 1 : Math.min(1, p);
}

function shareBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}
