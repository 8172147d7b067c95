import { describe, expect, it } from '@jest/globals';
import { warp } from '../../../lib/search/warp';

describe('losses as a Gaussian process sees them', () => {
  it('have mean 0 and deviation 1, in the same order', () => {
    const losses = [0.3, 2, 0.31, 190, 7, 0.9, 55, 0.29];
    const warped = [...warp(losses)];
    const mean = warped.reduce((sum, value) => sum + value, 0) / warped.length;
    expect(mean).toBeCloseTo(0, 12);
    expect(warped.reduce((sum, value) => sum + value ** 2, 0) / warped.length).toBeCloseTo(1, 12);
    const order = (values: number[]) =>
      [...values.keys()].sort((one, other) => values[one]! - values[other]!);
    expect(order(warped)).toEqual(order(losses));
  });

  it('keep the good apart where one is very bad', () => {
    const plain = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 300];
    const [first, second] = [...warp(plain)];
    const deviation = 300 * Math.sqrt(7 / 64);
    // Only standardised, they would be as near as this.
    expect(second! - first!).toBeGreaterThan((2 * 0.1) / deviation);
  });

  it('are only standardised where the good ones are the far ones', () => {
    const losses = [0, -0.01, -0.02, 0.01, 0, -3, 0.02, -0.01];
    const warped = warp(losses);
    expect((warped[0]! - warped[5]!) / (warped[3]! - warped[1]!)).toBeCloseTo(150, 6);
  });

  it('are all 0 where they are all the same', () => {
    expect([...warp([5, 5, 5])]).toEqual([0, 0, 0]);
  });
});
