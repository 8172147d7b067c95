import { describe, expect, it } from '@jest/globals';
import { corruptionKinds } from '../../../contracts/schemas/evaluation';
import { corrupt } from '../../../lib/images/corruption/corrupt';
import { turned } from '../../../lib/images/corruption/turn';
import type { Pixels } from '../../../lib/images/encode-pixels';
import { createRandom } from '../../../lib/random';

const size = 32;

/** A bright square on dark, with a gradient beside it. */
function picture(channels: 1 | 3): Pixels {
  const values = Uint8Array.from({ length: size * size * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    const [x, y] = [pixel % size, Math.floor(pixel / size)];
    return x > 10 && x < 22 && y > 10 && y < 22 ? 220 : 3 * x + y;
  });
  return { values, width: size, height: size, channels };
}

const distance = (a: Uint8Array, b: Uint8Array): number =>
  Math.sqrt(a.reduce((sum, value, at) => sum + (value - (b[at] ?? 0)) ** 2, 0) / a.length);

describe.each(corruptionKinds)('corrupt: %s', (kind) => {
  it.each([1, 3] as const)(
    'keeps the shape of %i channels, and goes further at strength 5 than at 1',
    async (channels) => {
      const pixels = picture(channels);
      const [weak, strong] = await Promise.all(
        ([1, 5] as const).map((strength) => corrupt(pixels, kind, strength, createRandom(1))),
      );
      expect(weak).toHaveLength(pixels.values.length);
      expect(distance(weak!, pixels.values)).toBeGreaterThan(0.3);
      expect(distance(strong!, pixels.values)).toBeGreaterThan(1.3 * distance(weak!, pixels.values));
    },
  );

  it('makes the same of the same picture and generator', async () => {
    const [first, second] = [
      await corrupt(picture(3), kind, 3, createRandom('one')),
      await corrupt(picture(3), kind, 3, createRandom('one')),
    ];
    expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
  });
});

describe('turned', () => {
  it('moves what is above the middle to the right by a quarter turn', () => {
    const values = new Uint8Array(9);
    values[1] = 200;
    const quarter = turned({ values, width: 3, height: 3, channels: 1 }, 90);
    expect(Array.from(quarter)).toEqual([0, 0, 0, 0, 0, 200, 0, 0, 0]);
  });

  it('brings no black corners', () => {
    const values = new Uint8Array(16 * 16).fill(140);
    expect(new Set(turned({ values, width: 16, height: 16, channels: 1 }, 15))).toEqual(new Set([140]));
  });
});
