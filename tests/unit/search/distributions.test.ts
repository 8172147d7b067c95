import { describe, expect, it } from '@jest/globals';
import { quantile, roundHalfToEven, type Distribution } from '../../../lib/search/distributions';
import { betaCdf, normalQuantile } from '../../../lib/search/quantiles';
import { createRandom } from '../../../lib/random';

function draws(distribution: Distribution, count: number): number[] {
  const random = createRandom('distributions');
  return Array.from({ length: count }, () => Number(quantile(distribution, random.next() + 2 ** -33)));
}

/** Kolmogorov's statistic: the largest distance between the draws and a distribution function. */
function distanceFrom(cdf: (x: number) => number, numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const n = sorted.length;
  return Math.max(
    ...sorted.map((x, at) => Math.max(Math.abs(cdf(x) - at / n), Math.abs((at + 1) / n - cdf(x)))),
  );
}

/** Abramowitz and Stegun 7.1.26, right to 1.5e-7: independent of the quantiles under test. */
function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp((-x * x) / 2)) / 2;
  return x > 0 ? 1 - tail : tail;
}

describe('draws of each distribution', () => {
  const n = 2000;
  // The 0.1 % point of Kolmogorov's distribution: seeds are fixed, so this passes always or never.
  const limit = 1.95 / Math.sqrt(n);
  const cases: [Distribution, (x: number) => number][] = [
    [{ distribution: 'uniform', min: -2, max: 3 }, (x) => (x + 2) / 5],
    [{ distribution: 'log_uniform', min: -9, max: -2 }, (x) => (Math.log(x) + 9) / 7],
    [{ distribution: 'inv_log_uniform', min: 2, max: 5 }, (x) => 1 - (Math.log(1 / x) - 2) / 3],
    [{ distribution: 'log_uniform_values', min: 1e-4, max: 1e-1 }, (x) => Math.log10(x / 1e-4) / 3],
    [{ distribution: 'inv_log_uniform_values', min: 1e-4, max: 1e-1 }, (x) => Math.log10(x / 1e-4) / 3],
    [{ distribution: 'normal', mu: 5, sigma: 2 }, (x) => normalCdf((x - 5) / 2)],
    [{ distribution: 'log_normal', mu: 1, sigma: 0.5 }, (x) => normalCdf((Math.log(x) - 1) / 0.5)],
    // I_x(2, 3) = 6x² − 8x³ + 3x⁴, and the arcsine law.
    [{ distribution: 'beta', a: 2, b: 3 }, (x) => 6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4],
    [{ distribution: 'beta', a: 0.5, b: 0.5 }, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  ];
  it.each(cases)('follow the published distribution function: %j', (distribution, cdf) => {
    expect(distanceFrom(cdf, draws(distribution, n))).toBeLessThan(limit);
  });

  it('of int_uniform are whole, and both ends are as likely as the rest', () => {
    const numbers = draws({ distribution: 'int_uniform', min: 3, max: 6 }, n);
    for (const face of [3, 4, 5, 6]) {
      expect(numbers.filter((x) => x === face).length / n).toBeCloseTo(0.25, 1);
    }
    expect(new Set(numbers)).toEqual(new Set([3, 4, 5, 6]));
  });

  it('of a categorical keep their type, and follow its probabilities', () => {
    const values = ['adam', [16, 32], null];
    const given = [0.1, 0.3, 0.5, 0.9].map((u) => quantile({ distribution: 'categorical', values }, u));
    expect(given).toEqual(['adam', 'adam', [16, 32], null]);
    const weighted: Distribution = {
      distribution: 'categorical_w_probabilities',
      values,
      probabilities: [0.7, 0.3, 0],
    };
    expect([0.1, 0.69, 0.71, 1 - 1e-16].map((u) => quantile(weighted, u))).toEqual([
      'adam',
      'adam',
      [16, 32],
      [16, 32],
    ]);
  });

  it.each<[Distribution, number, number]>([
    // Rounded, and not clipped to the range.
    [{ distribution: 'q_uniform', min: 0, max: 10, q: 4 }, 0.999, 8],
    [{ distribution: 'q_uniform', min: 0, max: 11, q: 4 }, 0.999, 12],
    [{ distribution: 'q_uniform', min: 0, max: 1, q: 0.25 }, 0.6, 0.5],
    [{ distribution: 'q_log_uniform', min: 0, max: 4, q: 1 }, 0.5, 7],
    [{ distribution: 'q_log_uniform_values', min: 1, max: 100, q: 5 }, 0.5, 10],
    [{ distribution: 'q_normal', mu: 10, sigma: 2, q: 1 }, 0.975, 14],
    [{ distribution: 'q_log_normal', mu: 0, sigma: 1, q: 1 }, 0.975, 7],
    [{ distribution: 'q_beta', a: 1, b: 1, q: 0.5 }, 0.8, 1],
  ])('are rounded to multiples of q: %j', (distribution, u, rounded) => {
    expect(quantile(distribution, u)).toBe(rounded);
  });

  it('are rounded with halves to the even neighbour', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6].map((x) => roundHalfToEven(x) + 0)).toEqual([
      0, 2, 2, 0, -2, 2, -3,
    ]);
  });
});

describe('quantile functions', () => {
  it.each([
    // Python's statistics.NormalDist().inv_cdf, which is the same algorithm from another hand.
    [1e-12, -7.034483825301132],
    [2 ** -33, -6.337957754553789],
    [0.001, -3.090232306167813],
    [0.07, -1.4757910281791702],
    [0.5, 0],
    [0.975, 1.9599639845400536],
  ])('give the normal deviate of %d', (p, deviate) => {
    expect(normalQuantile(p)).toBeCloseTo(deviate, 12);
  });

  it('have the incomplete beta function right in both tails', () => {
    expect(betaCdf(2, 3, 0.3)).toBeCloseTo(0.3483, 12);
    // Binomial tail: I_p(k, n − k + 1) = P(X ≥ k), here 30 or more heads in 100 throws of a fair coin.
    expect(1 - betaCdf(30, 71, 0.5)).toBeCloseTo(1.608e-5, 8);
    expect([betaCdf(2, 3, 0), betaCdf(2, 3, 1)]).toEqual([0, 1]);
  });
});
