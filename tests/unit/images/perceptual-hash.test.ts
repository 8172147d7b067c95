import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { examinePicture } from '../../../lib/images/examine';
import { hashDistance, hashQuality, nearBits, perceptualHash } from '../../../lib/images/perceptual-hash';
import { scene } from './scene';

async function hashOf(picture: sharp.Sharp | Buffer): Promise<string> {
  const bytes = Buffer.isBuffer(picture) ? picture : await picture.png().toBuffer();
  const examined = await examinePicture(bytes);
  if (!('facts' in examined)) throw new Error(examined.problem.reason);
  return examined.facts.hash;
}

/** A 64 × 64 luma that any language can draw: whole numbers only. */
const drawn = Uint8Array.from({ length: 64 * 64 }, (_, at) => {
  const [x, y] = [at % 64, at >> 6];
  return (x * x + 3 * y * y + x * y * 2) & 0xff;
});

const photographs = path.join(__dirname, '../../../../shared/data/animals10');

/** What becomes of pictures on their way: each must still be known for the same. */
const changes: Record<string, (bytes: Buffer) => sharp.Sharp> = {
  'JPEG of quality 40': (bytes) => sharp(bytes).jpeg({ quality: 40 }),
  'half the size': (bytes) => sharp(bytes).resize({ width: 128 }).png(),
  'twice the size': (bytes) => sharp(bytes).resize({ width: 600 }).png(),
  brighter: (bytes) => sharp(bytes).linear(1, 20).png(),
  'less contrast': (bytes) => sharp(bytes).linear(0.8, 25).png(),
  grey: (bytes) => sharp(bytes).greyscale().png(),
};

/** Without a rim of two pixels, of some 256. A rim of five is beyond what PDQ can do for some photographs. */
async function cropped(bytes: Buffer): Promise<sharp.Sharp> {
  const { width, height } = await sharp(bytes).metadata();
  return sharp(bytes).extract({ left: 2, top: 2, width: width - 4, height: height - 4 });
}

describe('perceptualHash', () => {
  it('is what it always was, of one drawn picture', () => {
    expect(perceptualHash(drawn)).toBe('273e16ea2ffd59aedf5417e62f74ffa82f201e64fd445184ad30ea202f40a904');
    expect(hashQuality(drawn)).toBe(100);
  });

  it('sets half of its bits', () => {
    expect(hashDistance(perceptualHash(drawn), '0'.repeat(64))).toBe(128);
  });

  it('moves every other row and column of frequencies where the picture is turned by half', () => {
    // Mirrored in x, frequencies of odd order change their sign: the hash is another, by about half of its bits.
    const mirrored = drawn.map((_, at) => drawn[(at & ~63) + 63 - (at & 63)] ?? 0);
    expect(hashDistance(perceptualHash(mirrored), perceptualHash(drawn))).toBeGreaterThan(60);
  });

  it('gives a plain picture no quality, and a slope little', () => {
    expect(hashQuality(new Uint8Array(64 * 64).fill(77))).toBe(0);
    expect(hashQuality(Uint8Array.from({ length: 64 * 64 }, (_, at) => (at % 64) * 2))).toBeLessThan(50);
  });

  it.each(Object.keys(changes))('stays within 31 bits where a picture is changed: %s', async (name) => {
    const before = await scene(300, 220).png().toBuffer();
    const after = await changes[name]!(before).toBuffer();
    expect(hashDistance(await hashOf(before), await hashOf(after))).toBeLessThanOrEqual(nearBits);
  });

  it('tells different pictures apart by more than 60 bits', async () => {
    const hashes = await Promise.all([0, 1, 2, 3].map((variant) => hashOf(scene(300, 220, variant))));
    hashes.forEach((a, at) => {
      for (const b of hashes.slice(at + 1)) expect(hashDistance(a, b)).toBeGreaterThan(60);
    });
  });

  const there = existsSync(photographs);
  const title = there ? 'holds for photographs' : `skipped, for want of photographs in ${photographs}`;
  (there ? it : it.skip)(title, async () => {
    const chosen = readdirSync(photographs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) =>
        readdirSync(path.join(photographs, name))
          .sort()
          .slice(0, 3)
          .map((file) => path.join(photographs, name, file)),
      );
    const hashes: string[] = [];
    for (const file of chosen) {
      const before = readFileSync(file);
      const hash = await hashOf(before);
      hashes.push(hash);
      for (const change of Object.values(changes)) {
        const after = await change(before).toBuffer();
        expect(hashDistance(hash, await hashOf(after))).toBeLessThanOrEqual(nearBits);
      }
      expect(hashDistance(hash, await hashOf(await cropped(before)))).toBeLessThanOrEqual(nearBits);
    }
    hashes.forEach((a, at) => {
      for (const b of hashes.slice(at + 1)) expect(hashDistance(a, b)).toBeGreaterThan(60);
    });
  });
});

describe('hashDistance', () => {
  it('counts bits', () => {
    expect(hashDistance('00ff', '00ff')).toBe(0);
    expect(hashDistance('00ff', '01f0')).toBe(5);
  });
});
