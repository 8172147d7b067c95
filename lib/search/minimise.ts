import { dot } from './cholesky';

export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface Bounds {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
}

interface Options {
  readonly iterations: number;
  /** It ends where no free part of the gradient is larger. */
  readonly tolerance: number;
}

/** How many steps are remembered. */
const memory = 8;

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly product: number;
}

/**
 * A local minimum in a box: L-BFGS (Nocedal and Wright, "Numerical Optimization", algorithm 7.4) on the variables that are
 * free, those at a bound and pressed against it held, with steps projected into the box (Bertsekas, 1982) and halved until
 * they lower the value (Armijo's condition).
 *
 * @param evaluate - May give a value that is not finite; such steps are shortened.
 */
export function minimise(
  evaluate: (x: Float64Array) => Evaluated,
  start: ArrayLike<number>,
  bounds: Bounds,
  { iterations, tolerance }: Options,
): Minimum {
  const n = start.length;
  const clipped = (from: Float64Array, by: Float64Array, length: number) =>
    Float64Array.from(from, (value, at) =>
      Math.min(bounds.high[at] ?? 0, Math.max(bounds.low[at] ?? 0, value + length * (by[at] ?? 0))),
    );
  let x: Float64Array = clipped(Float64Array.from(start), new Float64Array(n), 0);
  let here = evaluate(x);
  let steps: Step[] = [];
  for (let iteration = 0; iteration < iterations && Number.isFinite(here.value); iteration += 1) {
    const free = here.gradient.map((slope, at) => {
      const stuck =
        (slope > 0 && (x[at] ?? 0) <= (bounds.low[at] ?? 0)) ||
        (slope < 0 && (x[at] ?? 0) >= (bounds.high[at] ?? 0));
      return stuck ? 0 : slope;
    });
    if (free.every((slope) => Math.abs(slope) <= tolerance)) break;
    let direction = descent(free, steps);
    if (!(dot(direction, free) < 0)) {
      steps = [];
      direction = descent(free, steps);
    }
    const next = search(evaluate, (length) => clipped(x, direction, length), here, x);
    if (next === undefined) {
      if (steps.length === 0) break;
      // The remembered curvature led astray: once more, straight down.
      steps = [];
      continue;
    }
    const moved = next.x.map((value, at) => value - (x[at] ?? 0));
    const turned = next.evaluated.gradient.map((slope, at) => slope - (here.gradient[at] ?? 0));
    const product = dot(moved, turned);
    if (product > 1e-10 * dot(turned, turned)) steps = [...steps, { moved, turned, product }].slice(-memory);
    const gained = here.value - next.evaluated.value;
    ({ x } = next);
    here = next.evaluated;
    if (gained <= 1e-12 * Math.max(1, Math.abs(here.value))) break;
  }
  return { x, value: here.value };
}

/** L-BFGS' two loops; a held variable stays where it is. */
function descent(free: Float64Array, steps: readonly Step[]): Float64Array {
  const q = free.slice();
  const shares: number[] = [];
  for (const { moved, turned, product } of steps.toReversed()) {
    const share = dot(moved, q) / product;
    shares.unshift(share);
    for (let at = 0; at < q.length; at += 1) q[at] = (q[at] ?? 0) - share * (turned[at] ?? 0);
  }
  const last = steps.at(-1);
  // The first step is no longer than 1, whatever the slope.
  const scale = last ? last.product / dot(last.turned, last.turned) : 1 / Math.max(1, Math.sqrt(dot(q, q)));
  for (let at = 0; at < q.length; at += 1) q[at] = (q[at] ?? 0) * scale;
  for (const [index, { moved, turned, product }] of steps.entries()) {
    const back = (shares[index] ?? 0) - dot(turned, q) / product;
    for (let at = 0; at < q.length; at += 1) q[at] = (q[at] ?? 0) + back * (moved[at] ?? 0);
  }
  return q.map((value, at) => (free[at] === 0 ? 0 : -value));
}

function search(
  evaluate: (x: Float64Array) => Evaluated,
  along: (length: number) => Float64Array,
  here: Evaluated,
  from: Float64Array,
): { readonly x: Float64Array; readonly evaluated: Evaluated } | undefined {
  for (let length = 1; length > 1e-10; length /= 2) {
    const x = along(length);
    const fall = dot(
      here.gradient,
      x.map((value, at) => value - (from[at] ?? 0)),
    );
    const evaluated = evaluate(x);
    if (fall < 0 && evaluated.value <= here.value + 1e-4 * fall) return { x, evaluated };
  }
  return undefined;
}
