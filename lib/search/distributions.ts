import { betaQuantile, normalQuantile } from './quantiles';

export interface Constant {
  readonly distribution: 'constant';
  readonly value: unknown;
}
export interface Categorical {
  readonly distribution: 'categorical';
  readonly values: readonly unknown[];
}
export interface WeightedCategorical {
  readonly distribution: 'categorical_w_probabilities';
  readonly values: readonly unknown[];
  /** As many as the values; their sum is 1. */
  readonly probabilities: readonly number[];
}
export interface Range {
  readonly distribution: (typeof ranges)[number];
  readonly min: number;
  readonly max: number;
}
export interface RoundedRange {
  readonly distribution: (typeof roundedRanges)[number];
  readonly min: number;
  readonly max: number;
  readonly q: number;
}
export interface Normal {
  readonly distribution: (typeof normals)[number];
  readonly mu: number;
  readonly sigma: number;
}
export interface RoundedNormal {
  readonly distribution: (typeof roundedNormals)[number];
  readonly mu: number;
  readonly sigma: number;
  readonly q: number;
}
export interface Beta {
  readonly distribution: 'beta';
  readonly a: number;
  readonly b: number;
}
export interface RoundedBeta {
  readonly distribution: 'q_beta';
  readonly a: number;
  readonly b: number;
  readonly q: number;
}

/** One parameter's distribution, with every field that it has, by W&B's names. */
export type Distribution =
  | Constant
  | Categorical
  | WeightedCategorical
  | Range
  | RoundedRange
  | Normal
  | RoundedNormal
  | Beta
  | RoundedBeta;

export const ranges = [
  'int_uniform',
  'uniform',
  'log_uniform',
  'inv_log_uniform',
  'log_uniform_values',
  'inv_log_uniform_values',
] as const;
export const roundedRanges = ['q_uniform', 'q_log_uniform', 'q_log_uniform_values'] as const;
export const normals = ['normal', 'log_normal'] as const;
export const roundedNormals = ['q_normal', 'q_log_normal'] as const;

/** Rounds halves to the even neighbour, as Python, NumPy and so W&B do. */
export function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * The value below which a share `u` of the draws lies. A uniform `u` makes it a draw.
 *
 * The meaning of each distribution is that of W&B's sweeps (docs.wandb.ai, "Sweep configuration options"):
 * `log_uniform` and its kin take base-e exponents, `…_values` the values themselves; `q_…` rounds to
 * multiples of q without clipping, so that a draw may lie up to q / 2 outside of the range.
 *
 * @param u - In (0, 1), both ends excluded.
 */
export function quantile(distribution: Distribution, u: number): unknown {
  switch (distribution.distribution) {
    case 'constant':
      return distribution.value;
    case 'categorical':
      return distribution.values[Math.floor(u * distribution.values.length)];
    case 'categorical_w_probabilities':
      return distribution.values[weightedIndex(distribution.probabilities, u)];
    case 'q_uniform':
    case 'q_log_uniform':
    case 'q_log_uniform_values': {
      const { min, max, q } = distribution;
      return rounded(rangeQuantile(unrounded[distribution.distribution], min, max, u), q);
    }
    case 'normal':
    case 'log_normal':
      return normalOf(distribution, u);
    case 'q_normal':
    case 'q_log_normal':
      return rounded(normalOf(distribution, u), distribution.q);
    case 'beta':
      return betaQuantile(distribution.a, distribution.b, u);
    case 'q_beta':
      return rounded(betaQuantile(distribution.a, distribution.b, u), distribution.q);
    default:
      return rangeQuantile(distribution.distribution, distribution.min, distribution.max, u);
  }
}

const unrounded = {
  q_uniform: 'uniform',
  q_log_uniform: 'log_uniform',
  q_log_uniform_values: 'log_uniform_values',
} as const;

function rounded(x: number, q: number): number {
  // Adding 0 makes -0 a plain 0.
  return roundHalfToEven(x / q) * q + 0;
}

function rangeQuantile(kind: Range['distribution'], min: number, max: number, u: number): number {
  switch (kind) {
    case 'int_uniform':
      return min + Math.floor(u * (max - min + 1));
    case 'uniform':
      return min + u * (max - min);
    case 'log_uniform':
      return Math.exp(min + u * (max - min));
    case 'inv_log_uniform':
      return Math.exp(-(min + (1 - u) * (max - min)));
    // log(1 / x) is uniform exactly where log(x) is: the inverse of values is the same distribution.
    case 'inv_log_uniform_values':
    case 'log_uniform_values': {
      const [low, high] = [Math.log(min), Math.log(max)];
      return Math.min(max, Math.max(min, Math.exp(low + u * (high - low))));
    }
  }
}

function normalOf(distribution: Normal | RoundedNormal, u: number): number {
  const x = distribution.mu + distribution.sigma * normalQuantile(u);
  return distribution.distribution.endsWith('log_normal') ? Math.exp(x) : x;
}

function weightedIndex(probabilities: readonly number[], u: number): number {
  let sum = 0;
  for (const [index, probability] of probabilities.entries()) {
    sum += probability;
    if (u < sum) return index;
  }
  // The sum fell short of 1 by rounding: the last value that can be drawn at all.
  return probabilities.findLastIndex((probability) => probability > 0);
}
