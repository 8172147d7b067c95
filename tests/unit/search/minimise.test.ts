import { describe, expect, it } from '@jest/globals';
import { minimise } from '../../../lib/search/minimise';

/** Rosenbrock's valley (1960): least, 0, at (1, 1). */
function valley(x: Float64Array) {
  const [a, b] = [x[0]!, x[1]!];
  return {
    value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
    gradient: Float64Array.of(-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)),
  };
}
const patience = { iterations: 200, tolerance: 1e-8 };

describe('a minimum in a box', () => {
  it("is found at the end of Rosenbrock's valley", () => {
    const { x, value } = minimise(valley, [-1.2, 1], { low: [-5, -5], high: [5, 5] }, patience);
    expect(x[0]).toBeCloseTo(1, 6);
    expect(x[1]).toBeCloseTo(1, 6);
    expect(value).toBeLessThan(1e-12);
  });

  it('lies on the bound where the valley goes through it', () => {
    const { x } = minimise(valley, [-1.2, 1], { low: [-5, -5], high: [0.5, 5] }, patience);
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 6);
  });

  it('is looked for from inside, and no step leaves the box', () => {
    const seen: number[] = [];
    const watched = (x: Float64Array) => {
      seen.push(...x);
      return valley(x);
    };
    minimise(watched, [9, -9], { low: [-2, -2], high: [2, 2] }, patience);
    expect(Math.max(...seen.map(Math.abs))).toBeLessThanOrEqual(2);
  });

  it('goes round where there is no value', () => {
    const cliff = (x: Float64Array) =>
      x[0]! < 0.5
        ? { value: Infinity, gradient: new Float64Array(1) }
        : { value: x[0]!, gradient: Float64Array.of(1) };
    const { x } = minimise(cliff, [3], { low: [-9], high: [9] }, patience);
    expect(x[0]).toBeGreaterThanOrEqual(0.5);
    expect(x[0]).toBeLessThan(1.5);
  });
});
