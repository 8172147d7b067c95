import { quantile, type Distribution } from './distributions';
import { normalCdf } from './normal';
import { betaCdf } from './quantiles';

/** Every distribution of numbers. */
export type Numeric = Exclude<Distribution, { readonly distribution: `c${string}` }>;

/**
 * The share of a distribution's draws that are at most x, before any rounding to q; int_uniform is here the uniform
 * distribution from min to max + 1, whose whole parts it draws. The inverse of `quantile` where nothing is rounded.
 */
export function cumulative(distribution: Numeric, x: number): number {
  switch (distribution.distribution) {
    case 'normal':
    case 'q_normal':
      return normalShare((x - distribution.mu) / distribution.sigma);
    case 'log_normal':
    case 'q_log_normal':
      return x <= 0 ? 0 : normalShare((Math.log(x) - distribution.mu) / distribution.sigma);
    case 'beta':
    case 'q_beta':
      return betaCdf(distribution.a, distribution.b, x);
    default: {
      const { min, max } = distribution;
      switch (distribution.distribution) {
        case 'int_uniform':
          return within((x - min) / (max - min + 1));
        case 'uniform':
        case 'q_uniform':
          return within((x - min) / (max - min));
        case 'log_uniform':
        case 'q_log_uniform':
          return x <= 0 ? 0 : within((Math.log(x) - min) / (max - min));
        case 'inv_log_uniform':
          return x <= 0 ? 0 : within((Math.log(x) + max) / (max - min));
        case 'log_uniform_values':
        case 'q_log_uniform_values':
        case 'inv_log_uniform_values':
          return x <= 0 ? 0 : within(Math.log(x / min) / Math.log(max / min));
      }
    }
  }
}

/** The part of [0, 1] whose quantile is this value: two ends that are the same where nothing is rounded. */
export function cellOf(distribution: Numeric, value: number): readonly [number, number] {
  if (distribution.distribution === 'int_uniform') {
    return [cumulative(distribution, value), cumulative(distribution, value + 1)];
  }
  const half = 'q' in distribution ? distribution.q / 2 : 0;
  return [cumulative(distribution, value - half), cumulative(distribution, value + half)];
}

/** How many different values there are; Infinity where there is no end to them. */
export function sizeOf(distribution: Numeric): number {
  if (distribution.distribution === 'int_uniform') return distribution.max - distribution.min + 1;
  if ('sigma' in distribution) return distribution.sigma === 0 ? 1 : Infinity;
  if (!('q' in distribution)) return Infinity;
  const [low, high] = [1e-12, 1 - 1e-12].map((u) => Number(quantile(distribution, u)));
  return Math.round(((high ?? NaN) - (low ?? NaN)) / distribution.q) + 1;
}

/** Of a normal distribution without width (0 / 0) all lies in its middle. */
function normalShare(z: number): number {
  return Number.isNaN(z) ? 0.5 : normalCdf(z);
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
