import { cholesky, dot, inverseOf, solveLower, solveUpper, type Square } from './cholesky';
import { minimise, type Evaluated } from './minimise';

/** What the kernel is told: variances, and how far one must go along each axis for the function to change. */
export interface Kernel {
  readonly lengths: Float64Array;
  readonly signal: number;
  readonly noise: number;
}

/** `[axis]`: whether two values on it are the same or not is all that counts. */
export type Listed = readonly boolean[];

export interface Prediction {
  readonly mean: number;
  /** Of the function itself, without noise. */
  readonly deviation: number;
}

export interface PredictionSlopes extends Prediction {
  /** By each axis; 0 on those that are listed. */
  readonly meanSlopes: Float64Array;
  readonly deviationSlopes: Float64Array;
}

export interface GaussianProcess {
  predict(point: ArrayLike<number>): Prediction;
  predictSlopes(point: ArrayLike<number>): PredictionSlopes;
}

const root5 = Math.sqrt(5);

/** Least noise: what keeps the matrices positive definite. */
const leastNoise = 1e-6;

/** The kernel Matérn 5/2 of a squared distance, for a signal of 1. */
function matern(squared: number): number {
  const r = root5 * Math.sqrt(squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

function difference(listed: boolean, one: number, other: number): number {
  return listed ? Number(one !== other) : one - other;
}

/** Squared distances, in lengths, from a point to each of others. */
function distancesTo(
  others: readonly ArrayLike<number>[],
  listed: Listed,
  lengths: Float64Array,
): (point: ArrayLike<number>) => Float64Array {
  const axes = lengths.length;
  // In one array, and with no division: most of a suggestion's time is spent here.
  const flat = Float64Array.from(others.flatMap((other) => Array.from(other)));
  const scales = lengths.map((length) => 1 / length ** 2);
  return (point) => {
    const here = Float64Array.from(point);
    const found = new Float64Array(others.length);
    for (let at = 0, from = 0; at < found.length; at += 1, from += axes) {
      let sum = 0;
      for (let axis = 0; axis < axes; axis += 1) {
        const apart = (here[axis] ?? 0) - (flat[from + axis] ?? 0);
        if (listed[axis] === true) sum += apart === 0 ? 0 : (scales[axis] ?? 0);
        else sum += apart * apart * (scales[axis] ?? 0);
      }
      found[at] = sum;
    }
    return found;
  };
}

/**
 * A Gaussian process with mean 0, given values at points (Rasmussen and Williams, "Gaussian Processes for Machine Learning",
 * algorithm 2.1), with the kernel signal · Matérn 5/2 and one length for each axis. Listed axes count as their one-hot code
 * with one length would.
 *
 * @throws RangeError where the points' matrix is singular in spite of the noise.
 */
export function condition(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  { lengths, signal, noise }: Kernel,
  listed: Listed,
): GaussianProcess {
  const n = points.length;
  const matrix = new Float64Array(n * n);
  const distances = distancesTo(points, listed, lengths);
  for (const [row, one] of points.entries()) {
    const squared = distances(one);
    for (let column = 0; column < row; column += 1) {
      matrix[row * n + column] = signal * matern(squared[column] ?? 0);
    }
    matrix[row * n + row] = signal + noise;
  }
  const lower = cholesky(matrix, n);
  if (lower === undefined) throw new RangeError('the covariance of the points is not positive definite');
  const weights = solveUpper(lower, n, solveLower(lower, n, Float64Array.from(values)));

  function predicted(covariances: Float64Array, solved: Float64Array): Prediction {
    const variance = signal - dot(solved, solved);
    return { mean: dot(covariances, weights), deviation: Math.sqrt(Math.max(variance, signal * 1e-14)) };
  }

  return {
    predict(point) {
      const covariances = distances(point);
      for (let at = 0; at < n; at += 1) covariances[at] = signal * matern(covariances[at] ?? 0);
      return predicted(covariances, solveLower(lower, n, covariances));
    },
    predictSlopes(point) {
      const squares = distances(point);
      const covariances = squares.map((squared) => signal * matern(squared));
      const solved = solveLower(lower, n, covariances);
      const prediction = predicted(covariances, solved);
      const pulled = solveUpper(lower, n, solved);
      const meanSlopes = new Float64Array(lengths.length);
      const deviationSlopes = new Float64Array(lengths.length);
      for (const [at, other] of points.entries()) {
        const r = root5 * Math.sqrt(squares[at] ?? 0);
        const slope = (-signal * 5 * (1 + r) * Math.exp(-r)) / 3;
        for (let axis = 0; axis < lengths.length; axis += 1) {
          if (listed[axis] === true) continue;
          const length = lengths[axis] ?? 1;
          const by = (slope * ((point[axis] ?? 0) - (other[axis] ?? 0))) / (length * length);
          meanSlopes[axis] = (meanSlopes[axis] ?? 0) + by * (weights[at] ?? 0);
          deviationSlopes[axis] =
            (deviationSlopes[axis] ?? 0) - (by * (pulled[at] ?? 0)) / prediction.deviation;
        }
      }
      return { ...prediction, meanSlopes, deviationSlopes };
    },
  };
}

/**
 * The likeliest kernel for values (of mean 0 and deviation 1) at points, under priors: maximum a posteriori in the logarithms
 * of lengths and variances, by L-BFGS from two starts, with derivatives from Rasmussen and Williams, equation 5.9.
 *
 * Priors: of lengths, log-normal around √2 + ln(axes) / 2 with deviation √3 (Hvarfner, Hellsten and Nardi, "Vanilla Bayesian
 * Optimization Performs Great in High Dimensions", 2024), so that many axes don't make every point a stranger; of the signal,
 * gamma(2, 1); of the noise, gamma(1.1, 30): small if the values allow.
 */
export function fitKernel(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  listed: Listed,
): Kernel {
  const axes = listed.length;
  const objective = posteriorOf(points, values, listed);
  const low = new Float64Array(axes + 2).fill(Math.log(0.01));
  const high = new Float64Array(axes + 2).fill(Math.log(1000));
  [low[axes], high[axes]] = [Math.log(1e-3), Math.log(100)];
  [low[axes + 1], high[axes + 1]] = [Math.log(leastNoise), 0];
  const starts = [0.5, 0.15].map((length) =>
    Float64Array.from({ length: axes + 2 }, (_, at) =>
      at < axes ? Math.log(length * Math.sqrt(Math.max(1, axes))) : at === axes ? 0 : Math.log(1e-2),
    ),
  );
  const found = starts.map((start) =>
    minimise(objective, start, { low, high }, { iterations: 60, tolerance: 1e-2 }),
  );
  const best = found.reduce((one, other) => (other.value < one.value ? other : one));
  return {
    lengths: best.x.subarray(0, axes).map(Math.exp),
    signal: Math.exp(best.x[axes] ?? 0),
    noise: Math.exp(best.x[axes + 1] ?? 0),
  };
}

/** The negative logarithm of likelihood and priors, without constants, by [ln lengths…, ln signal, ln noise]. */
function posteriorOf(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  listed: Listed,
): (logs: Float64Array) => Evaluated {
  const axes = listed.length;
  const likelihood = likelihoodOf(points, values, listed);
  const middle = Math.SQRT2 + Math.log(Math.max(1, axes)) / 2;
  return (logs) => {
    const { value: without, gradient } = likelihood(logs);
    let value = without;
    for (let axis = 0; axis < axes; axis += 1) {
      const log = logs[axis] ?? 0;
      // Of the length itself, not of its logarithm: hence the 1.
      value += (log - middle) ** 2 / 6 + log;
      gradient[axis] = (gradient[axis] ?? 0) + (log - middle) / 3 + 1;
    }
    const [logSignal, logNoise] = [logs[axes] ?? 0, logs[axes + 1] ?? 0];
    value += Math.exp(logSignal) - logSignal + 30 * Math.exp(logNoise) - 0.1 * logNoise;
    gradient[axes] = (gradient[axes] ?? 0) + Math.exp(logSignal) - 1;
    gradient[axes + 1] = (gradient[axes + 1] ?? 0) + 30 * Math.exp(logNoise) - 0.1;
    return { value, gradient };
  };
}

/** The negative logarithm of the likelihood, less n ln(2π) / 2, by [ln lengths…, ln signal, ln noise]. */
export function likelihoodOf(
  points: readonly ArrayLike<number>[],
  values: ArrayLike<number>,
  listed: Listed,
): (logs: Float64Array) => Evaluated {
  const n = points.length;
  const axes = listed.length;
  const pairs = pairSquares(points, listed);
  return (logs) => {
    const scales = logs.subarray(0, axes).map((log) => Math.exp(-2 * log));
    const signal = Math.exp(logs[axes] ?? 0);
    const noise = Math.exp(logs[axes + 1] ?? 0);
    const matrix = new Float64Array(n * n);
    /** By the squared distance. */
    const slopes = new Float64Array(n * n);
    for (let row = 0, pair = 0; row < n; row += 1) {
      for (let column = 0; column < row; column += 1, pair += axes) {
        let squared = 0;
        for (let axis = 0; axis < axes; axis += 1) {
          squared += (pairs[pair + axis] ?? 0) * (scales[axis] ?? 0);
        }
        const r = root5 * Math.sqrt(squared);
        const fall = signal * Math.exp(-r);
        matrix[row * n + column] = fall * (1 + r + (r * r) / 3);
        slopes[row * n + column] = (-5 / 6) * fall * (1 + r);
      }
      matrix[row * n + row] = signal + noise;
    }
    const lower = cholesky(matrix, n);
    if (lower === undefined) return { value: Infinity, gradient: new Float64Array(axes + 2) };
    const weights = solveUpper(lower, n, solveLower(lower, n, Float64Array.from(values)));
    let value = dot(weights, values) / 2;
    for (let row = 0; row < n; row += 1) value += Math.log(lower[row * n + row] ?? 0);
    const inverse = inverseOf(lower, n);
    return {
      value,
      gradient: likelihoodSlopes({ matrix, slopes, inverse, weights, pairs, scales, signal, noise }),
    };
  };
}

interface Inside {
  readonly matrix: Square;
  readonly slopes: Square;
  readonly inverse: Square;
  readonly weights: Float64Array;
  readonly pairs: Float64Array;
  readonly scales: Float64Array;
  readonly signal: number;
  readonly noise: number;
}

function likelihoodSlopes(inside: Inside): Float64Array {
  const { matrix, slopes, inverse, weights, pairs, scales, signal, noise } = inside;
  const n = weights.length;
  const axes = scales.length;
  const gradient = new Float64Array(axes + 2);
  let [ofSignal, ofNoise] = [0, 0];
  for (let row = 0, pair = 0; row < n; row += 1) {
    for (let column = 0; column < row; column += 1, pair += axes) {
      const at = row * n + column;
      // Half of the trace, both triangles: 2 / 2.
      const pull = (inverse[at] ?? 0) - (weights[row] ?? 0) * (weights[column] ?? 0);
      ofSignal += pull * (matrix[at] ?? 0);
      const by = -2 * pull * (slopes[at] ?? 0);
      for (let axis = 0; axis < axes; axis += 1) {
        gradient[axis] = (gradient[axis] ?? 0) + by * (pairs[pair + axis] ?? 0) * (scales[axis] ?? 0);
      }
    }
    const pull = (inverse[row * n + row] ?? 0) - (weights[row] ?? 0) ** 2;
    ofSignal += (pull * signal) / 2;
    ofNoise += (pull * noise) / 2;
  }
  gradient[axes] = ofSignal;
  gradient[axes + 1] = ofNoise;
  return gradient;
}

/** `[pair][axis]`: squared differences of every two points, in the order of a lower triangle's rows. */
function pairSquares(points: readonly ArrayLike<number>[], listed: Listed): Float64Array {
  const axes = listed.length;
  const pairs = new Float64Array(((points.length * (points.length - 1)) / 2) * axes);
  let at = 0;
  for (const [row, one] of points.entries()) {
    for (let column = 0; column < row; column += 1) {
      const other = points[column] ?? [];
      for (let axis = 0; axis < axes; axis += 1, at += 1) {
        pairs[at] = difference(listed[axis] ?? false, one[axis] ?? 0, other[axis] ?? 0) ** 2;
      }
    }
  }
  return pairs;
}
