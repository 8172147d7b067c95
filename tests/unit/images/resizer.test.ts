import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import assembler from 'wabt';
import { decodePicture } from '../../../lib/images/decode';
import { kernel } from '../../../lib/images/resize/kernel';
import { type Channels, createResizer, type Size } from '../../../lib/images/resize/resizer';
import { createRandom } from '../../../lib/random';
import { scene } from './scene';

const folder = join(__dirname, '../../../lib/images/resize');

describe('the kernel', () => {
  it('is what kernel.wat says', async () => {
    const { parseWat } = await assembler();
    const assembled = parseWat('kernel.wat', readFileSync(join(folder, 'kernel.wat')), { simd: true });
    assembled.validate();
    const bytes = Buffer.from(assembled.toBinary({}).buffer);
    if (process.env['UPDATE_KERNEL'] !== undefined) {
      const file = join(folder, 'kernel.ts');
      const lines = bytes.toString('base64').replaceAll(/.{1,96}/g, '    $&\n');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/`\n[^`]*`,/, `\`\n${lines}  \`,`));
      return;
    }
    expect(kernel.equals(bytes)).toBe(true);
  });
});

/** Lanczos 3 in floating point, column by column and row by row, with nothing rounded in between. */
function exact(pixels: Uint8Array, from: Size, to: Size, channels: Channels): number[] {
  const weights = (inputs: number, outputs: number): number[][] =>
    Array.from({ length: outputs }, (_, output) => {
      const scale = inputs / outputs;
      const width = Math.max(1, scale);
      const centre = (output + 0.5) * scale;
      const row = Array.from({ length: inputs }, (_unused, input) => {
        const x = (input + 0.5 - centre) / width;
        if (Math.abs(x) >= 3) return 0;
        return x === 0 ? 1 : (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2;
      });
      const sum = row.reduce((total, weight) => total + weight, 0);
      return row.map((weight) => weight / sum);
    });
  const [across, down] = [weights(from.width, to.width), weights(from.height, to.height)];
  const result: number[] = [];
  for (const rowWeights of down) {
    const row = Array.from({ length: from.width * channels }, (_, at) =>
      rowWeights.reduce((sum, weight, y) => sum + weight * (pixels[y * from.width * channels + at] ?? 0), 0),
    );
    for (const weightsHere of across) {
      for (let channel = 0; channel < channels; channel += 1) {
        const sum = weightsHere.reduce(
          (all, weight, x) => all + weight * (row[x * channels + channel] ?? 0),
          0,
        );
        result.push(Math.min(255, Math.max(0, sum)));
      }
    }
  }
  return result;
}

const room = 3 * 2 ** 20;

describe('a resizer', () => {
  it.each<[string, Size, Size, Channels]>([
    ['smaller', { width: 133, height: 91 }, { width: 48, height: 33 }, 1],
    ['smaller, in colour', { width: 90, height: 133 }, { width: 33, height: 48 }, 3],
    ['a little smaller', { width: 70, height: 61 }, { width: 64, height: 60 }, 3],
    ['larger', { width: 9, height: 7 }, { width: 48, height: 37 }, 3],
    ['larger, from one pixel', { width: 1, height: 1 }, { width: 5, height: 3 }, 3],
    ['smaller one way, larger the other', { width: 300, height: 3 }, { width: 10, height: 20 }, 1],
  ])('makes pictures %s as exact arithmetic does, but for roundings', (_, from, to, channels) => {
    const random = createRandom(3);
    const resizer = createResizer(room);
    // Whatever stood there before does not matter.
    resizer.place.fill(0xff);
    const pixels = Uint8Array.from(
      { length: from.width * from.height * channels },
      () => 90 + random.int(76),
    );
    resizer.place.set(pixels);
    const found = resizer.resize(from, to, channels);
    const wanted = exact(pixels, from, to, channels);
    expect(found).toHaveLength(wanted.length);
    // A half by each of two roundings, of which the first is weighted once more; contrast low enough for nothing to be clamped.
    const differences = wanted.map((value, at) => Math.abs(value - (found?.[at] ?? NaN)));
    expect(differences.reduce((sum, one) => sum + one, 0) / wanted.length).toBeLessThan(0.5);
    expect(Math.max(...differences)).toBeLessThan(1.6);
  });

  it('leaves an even area as it is, whatever the size', () => {
    const resizer = createResizer(room);
    for (const side of [1, 2, 7, 31, 48, 330, 1000]) {
      resizer.place.fill(201);
      const found = resizer.resize({ width: side, height: side }, { width: 48, height: 47 }, 3);
      expect(new Set(found)).toEqual(new Set([201]));
    }
  });

  it('says where it has no room for what lies between', () => {
    const resizer = createResizer(room);
    const found = resizer.resize({ width: 1000, height: 1000 }, { width: 32, height: 32_768 }, 3);
    expect(found).toBeUndefined();
  });

  it("keeps pictures apart that are asked for at once, on the thread's own time", async () => {
    const preprocessing = { size: 48, color: 'rgb', fit: 'contain' } as const;
    const pictures = await Promise.all(
      [100, 180, 260, 340].map((width) => scene(width, 200).jpeg().toBuffer()),
    );
    const alone = await Promise.all(pictures.map((bytes) => decodePicture(bytes, preprocessing)));
    const together = await Promise.all(
      pictures.map((bytes) => decodePicture(bytes, preprocessing, { thread: 'own' })),
    );
    expect(together).toEqual(alone);
  });
});
