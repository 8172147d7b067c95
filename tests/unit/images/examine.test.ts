import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { examinedSchema, pictureFactsSchema, type PictureFacts } from '../../../contracts/schemas/dataset';
import { examinePicture } from '../../../lib/images/examine';
import { hashDistance } from '../../../lib/images/perceptual-hash';
import { scene } from './scene';

async function factsOf(picture: sharp.Sharp): Promise<PictureFacts> {
  const examined = await examinePicture(await picture.toBuffer());
  if (!('facts' in examined)) throw new Error(examined.problem.reason);
  return pictureFactsSchema.parse(examined.facts);
}

async function problemOf(bytes: Buffer, limits?: { pixels: number }) {
  const examined = await examinePicture(bytes, limits);
  expect(examined).not.toHaveProperty('facts');
  return 'problem' in examined ? examined.problem : { kind: 'none', reason: '' };
}

describe('examinePicture', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)(
    'finds the facts of %s',
    async (format) => {
      expect(await factsOf(scene(90, 60).toFormat(format))).toMatchObject({
        format,
        width: 90,
        height: 60,
        frames: 1,
        depth: 8,
        space: 'rgb',
        alpha: false,
        orientation: 1,
        quality: expect.any(Number),
      });
    },
  );

  it('gives width and height as the picture is shown', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const turned = scene(90, 60).withMetadata({ orientation: 6 }).toFormat(format);
      expect(await factsOf(turned)).toMatchObject({ width: 60, height: 90, orientation: 6 });
    }
  });

  it('hashes a turned picture as it is shown', async () => {
    const upright = await factsOf(scene(200, 140).png());
    const stored = await scene(200, 140).rotate(90).png().toBuffer();
    const turned = await factsOf(sharp(stored).withMetadata({ orientation: 8 }).png());
    expect(turned).toMatchObject({ width: 200, height: 140 });
    expect(hashDistance(turned.hash, upright.hash)).toBeLessThanOrEqual(10);
  });

  it('tells spaces, depths, alpha and frames', async () => {
    expect(await factsOf(scene(40, 30).toColourspace('b-w').jpeg())).toMatchObject({
      space: 'grey',
      depth: 8,
    });
    expect(await factsOf(scene(40, 30).toColourspace('b-w').png())).toMatchObject({ space: 'grey' });
    expect(await factsOf(scene(40, 30).toColourspace('cmyk').jpeg())).toMatchObject({ space: 'cmyk' });
    expect(await factsOf(scene(40, 30).toColourspace('rgb16').png())).toMatchObject({
      space: 'rgb',
      depth: 16,
    });
    expect(await factsOf(scene(40, 30).avif({ bitdepth: 10 }))).toMatchObject({ depth: 10 });
    expect(await factsOf(scene(40, 30).ensureAlpha(0.5).png())).toMatchObject({ alpha: true });
    const frames = await Promise.all([0, 1, 2].map((variant) => scene(40, 30, variant).png().toBuffer()));
    const animation = sharp(frames, { join: { animated: true } });
    expect(await factsOf(animation.clone().gif())).toMatchObject({ frames: 3, width: 40, height: 30 });
    expect(await factsOf(animation.clone().webp())).toMatchObject({ frames: 3, width: 40, height: 30 });
  });

  it('finds the same hash and brightness in every format', async () => {
    const reference = await factsOf(scene(200, 150).png());
    for (const format of ['jpeg', 'webp', 'avif', 'tiff'] as const) {
      const facts = await factsOf(scene(200, 150).toFormat(format, { quality: 95 }));
      expect(Math.abs(facts.brightness - reference.brightness)).toBeLessThan(1.5);
      expect(Math.abs(facts.contrast - reference.contrast)).toBeLessThan(1.5);
      expect(hashDistance(facts.hash, reference.hash)).toBeLessThanOrEqual(10);
    }
  });

  it('gives the mean and the deviation of luma', async () => {
    const halves = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#ffffff' } })
      .composite([
        { input: { create: { width: 32, height: 64, channels: 3, background: '#000000' } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    expect(await factsOf(sharp(halves).png())).toMatchObject({ brightness: 127.5, contrast: 127.5 });
    const red = sharp({ create: { width: 64, height: 64, channels: 3, background: '#ff0000' } });
    expect(await factsOf(red.png())).toMatchObject({ brightness: 76, contrast: 0, quality: 0 });
  });

  it('says what else a file is', async () => {
    expect(await problemOf(Buffer.alloc(0))).toEqual({
      kind: 'not_a_picture',
      reason: expect.stringContaining('empty'),
    });
    expect(await problemOf(Buffer.from('I am a cat.'))).toMatchObject({ kind: 'not_a_picture' });
  });

  it('finds what is cut off, in every format', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
      const bytes = await scene(120, 90).toFormat(format).toBuffer();
      for (const kept of [16, Math.floor(bytes.length / 2), Math.floor(bytes.length * 0.9)]) {
        const problem = await problemOf(bytes.subarray(0, kept));
        expect(problem).toEqual({ kind: 'damaged', reason: expect.stringContaining('cut off or damaged') });
        examinedSchema.parse({ sha256: '0'.repeat(64), problem });
      }
    }
  });

  it('finds what is too large by its header, in every format', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
      const problem = await problemOf(await scene(120, 90).toFormat(format).toBuffer(), { pixels: 10_799 });
      expect(problem).toEqual({ kind: 'too_large', reason: expect.stringContaining('120 × 90') });
    }
  });
});
