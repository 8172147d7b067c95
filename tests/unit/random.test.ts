import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../lib/random';

const draw = (random: { next(): number }, n: number) => Array.from({ length: n }, () => random.next());

describe('createRandom', () => {
  it('gives the same numbers for the same seed, as a number or its text, and others for another', () => {
    expect(draw(createRandom(7), 50)).toEqual(draw(createRandom('7'), 50));
    expect(draw(createRandom(7), 50)).not.toEqual(draw(createRandom(8), 50));
  });

  it('stays what it was when this test was written, for whatever was drawn with it', () => {
    const random = createRandom(1);
    expect([random.int(1000), random.int(1000), random.int(1000)]).toMatchInlineSnapshot(`
      [
        457,
        594,
        88,
      ]
    `);
  });

  it('forks by label alone, whatever was drawn before', () => {
    const fresh = createRandom(3);
    const used = createRandom(3);
    draw(used, 10);
    expect(draw(used.fork('a'), 5)).toEqual(draw(fresh.fork('a'), 5));
    expect(draw(fresh.fork('a'), 5)).not.toEqual(draw(fresh.fork('b'), 5));
  });

  it('draws uniform and normal numbers with their mean and variance', () => {
    const random = createRandom('moments');
    const n = 20_000;
    const uniform = draw(random, n);
    const mean = uniform.reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    const normal = Array.from({ length: n }, () => random.normal());
    const centre = normal.reduce((sum, x) => sum + x, 0) / n;
    const variance = normal.reduce((sum, x) => sum + (x - centre) ** 2, 0) / n;
    expect(Math.abs(centre)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it('takes every integer below n about as often, and refuses what is no such n', () => {
    const random = createRandom(2);
    const counts = [0, 0, 0, 0, 0];
    for (let i = 0; i < 10_000; i += 1) counts[random.int(5)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(() => random.int(0)).toThrow(RangeError);
    expect(() => random.int(1.5)).toThrow(RangeError);
  });

  it('shuffles into a new order with the same items', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = createRandom(5).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });
});
