import { describe, expect, it } from '@jest/globals';
import { cellOf, cumulative } from '../../../lib/search/cdf';
import { quantile } from '../../../lib/search/distributions';
import { condition, likelihoodOf } from '../../../lib/search/gaussian-process';
import { logImprovement, normalCdf } from '../../../lib/search/normal';
import { sobolSequence } from '../../../lib/search/sobol';
import { parseSpace } from '../../../lib/search/space';
import { createRandom } from '../../../lib/random';
import { searchFixtures } from '../../support/search-fixtures';

const { distributions, improvement, process: fixture, sobol } = searchFixtures;

function numeric(settings: Readonly<Record<string, unknown>>) {
  const distribution = parseSpace({ x: settings }).parameters[0]!.distribution;
  if (distribution.distribution === 'constant' || 'values' in distribution) throw new Error('not of numbers');
  return distribution;
}

describe.each(distributions)('10,000 draws of $distribution', ({ distribution: settings, x, below }) => {
  const distribution = numeric(settings);

  it("agree with SciPy's distribution function by Kolmogorov and Smirnov's test", () => {
    const n = 10_000;
    const random = createRandom(`conformance-${JSON.stringify(settings)}`);
    const draws = Array.from({ length: n }, () => Number(quantile(distribution, random.next() + 2 ** -33)));
    draws.sort((one, other) => one - other);
    let at = 0;
    let apart = 0;
    for (const [index, value] of x.entries()) {
      while (at < n && draws[at]! <= value + 1e-9 * Math.abs(value)) at += 1;
      apart = Math.max(apart, Math.abs(at / n - below[index]!));
    }
    // Between two of the fixture's points both functions rise by no more than the share between them.
    const between = 'q' in distribution || distribution.distribution === 'int_uniform' ? 0 : 1 / 400;
    // The 0.1 % point of Kolmogorov's distribution; the seed is fixed, so this passes always or never.
    expect(apart + between).toBeLessThan(1.95 / Math.sqrt(n));
  });

  it('have the distribution function that SciPy has', () => {
    for (const [index, value] of x.entries()) {
      const share = cellOf(distribution, value)[1];
      expect(share).toBeCloseTo(below[index]!, 12);
      if (!('q' in distribution) && distribution.distribution !== 'int_uniform') {
        expect(cumulative(distribution, Number(quantile(distribution, below[index]!)))).toBeCloseTo(share, 9);
      }
    }
  });
});

describe("a Gaussian process, beside scikit-learn's", () => {
  const { points, values, kernel, others, mean, deviation, likelihood, gradient } = fixture;
  const lengths = Float64Array.from(kernel.lengths);
  const listed = [false, false, false];
  const ours = condition(points, values, { ...kernel, lengths }, listed);

  it('expects the same of other points, as surely', () => {
    for (const [at, point] of others.entries()) {
      const predicted = ours.predict(point);
      expect(predicted.mean).toBeCloseTo(mean[at]!, 10);
      expect(predicted.deviation).toBeCloseTo(deviation[at]!, 10);
    }
  });

  it('has the slopes of its own predictions', () => {
    const step = 1e-6;
    for (const point of others) {
      const { meanSlopes, deviationSlopes } = ours.predictSlopes(point);
      for (const axis of [0, 1, 2]) {
        const [ahead, behind] = [step, -step].map((by) =>
          ours.predict(point.map((value, at) => (at === axis ? value + by : value))),
        );
        expect(meanSlopes[axis]).toBeCloseTo((ahead!.mean - behind!.mean) / (2 * step), 6);
        expect(deviationSlopes[axis]).toBeCloseTo((ahead!.deviation - behind!.deviation) / (2 * step), 5);
      }
    }
  });

  it('finds its values as likely, and less or more so by its lengths and variances', () => {
    const logs = Float64Array.from([...kernel.lengths, kernel.signal, kernel.noise], Math.log);
    const found = likelihoodOf(points, values, listed)(logs);
    expect(-found.value - (points.length / 2) * Math.log(2 * Math.PI)).toBeCloseTo(likelihood, 9);
    for (const [at, slope] of gradient.entries()) expect(-found.gradient[at]!).toBeCloseTo(slope, 8);
  });
});

describe('the logarithm of expected improvement', () => {
  it.each(improvement)('at z = %d has 12 digits of mpmath', (z, log, slope) => {
    const found = logImprovement(z);
    expect(Math.abs(found.value - log)).toBeLessThan(1e-12 * Math.max(1, Math.abs(log)));
    expect(Math.abs(found.slope - slope)).toBeLessThan(1e-12 * slope);
  });
});

describe("the normal distribution's share below", () => {
  it.each([
    // Abramowitz and Stegun, table 26.1, and mpmath for the tails.
    [0, 0.5],
    [1, 0.841344746068543],
    [-2, 0.0227501319481792],
    [-10, 7.619853024160526e-24],
    [-37, 5.725571222524577e-300],
  ])('%d is right to 13 digits', (x, share) => {
    expect(Math.abs(normalCdf(x) / share - 1)).toBeLessThan(1e-13);
  });
});

describe("Sobol's sequence", () => {
  it("is SciPy's, in 40 dimensions", () => {
    const ours = sobolSequence(40);
    expect(sobol.map((_, index) => [...ours(index)])).toEqual(sobol);
  });

  it('puts its first 64 points each into another 64th of every axis, however it is shifted', () => {
    const ours = sobolSequence(6, createRandom('shift'));
    const points = Array.from({ length: 64 }, (_, index) => ours(index));
    for (let axis = 0; axis < 6; axis += 1) {
      expect(new Set(points.map((point) => Math.floor(point[axis]! * 64))).size).toBe(64);
    }
    expect([...sobolSequence(6, createRandom('other'))(0)]).not.toEqual([...points[0]!]);
  });

  it('goes on with plain random numbers where it has no more dimensions', () => {
    const point = sobolSequence(45, createRandom('many'))(3);
    expect(new Set(point).size).toBe(45);
    expect(point.every((value) => value > 0 && value < 1)).toBe(true);
  });
});
