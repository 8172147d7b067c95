import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Failure } from '../../../contracts/failures';
import type { Preprocessing } from '../../../contracts/schemas/preprocessing';
import { decodePicture } from '../../../lib/images/decode';
import { readJpegHeader } from '../../../lib/images/jpeg/header';
import { createRandom } from '../../../lib/random';
import { scene } from './scene';

const contain: Preprocessing = { size: 48, color: 'rgb', fit: 'contain' };

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}

/** What sharp makes of it: all of it decoded, then Lanczos 3. */
async function bySharp(bytes: Buffer, { size, fit }: Preprocessing): Promise<Uint8Array> {
  return sharp(bytes)
    .autoOrient()
    .resize({
      width: size,
      height: size,
      fit: fit === 'stretch' ? 'fill' : fit,
      background: '#000000',
      fastShrinkOnLoad: false,
    })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
}

async function refusal(bytes: Buffer): Promise<string> {
  const failure = await decodePicture(bytes, contain).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).type).toBe('picture-unreadable');
  return (failure as Failure).message;
}

const isPlain = (bytes: Buffer) => readJpegHeader(bytes)?.plain;

describe('a JPEG of the common kind', () => {
  it.each([
    ['4:2:0', { quality: 90 }],
    ['4:4:4', { quality: 90, chromaSubsampling: '4:4:4' }],
    ['progressive', { quality: 90, progressive: true }],
  ])('comes out as from sharp with Lanczos 3, but for roundings: %s', async (_, options) => {
    for (const [width, height] of [
      [320, 240],
      [241, 333],
      [257, 255],
    ] as const) {
      const bytes = await scene(width, height).jpeg(options).toBuffer();
      expect(isPlain(bytes)).toBe(true);
      for (const fit of ['contain', 'cover', 'stretch'] as const) {
        for (const size of [48, 224]) {
          const preprocessing: Preprocessing = { size, color: 'rgb', fit };
          const ours = await decodePicture(bytes, preprocessing);
          expect(meanDifference(ours, await bySharp(bytes, preprocessing))).toBeLessThan(2.5);
        }
      }
    }
  });

  it('is turned as each of the eight EXIF orientations says', async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1) {
      const bytes = await scene(200, 120).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
      expect(readJpegHeader(bytes)).toMatchObject({ plain: true, orientation });
      for (const fit of ['contain', 'cover', 'stretch'] as const) {
        const preprocessing: Preprocessing = { ...contain, fit };
        const ours = await decodePicture(bytes, preprocessing);
        expect(meanDifference(ours, await bySharp(bytes, preprocessing))).toBeLessThan(2.5);
      }
    }
  });

  it('has the same grey as the same picture in another format', async () => {
    const picture = await scene(240, 180).png().toBuffer();
    const grey: Preprocessing = { ...contain, color: 'grey' };
    const jpeg = await sharp(picture).jpeg({ quality: 98, chromaSubsampling: '4:4:4' }).toBuffer();
    const fromJpeg = await decodePicture(jpeg, grey);
    expect(meanDifference(fromJpeg, await decodePicture(picture, grey))).toBeLessThan(2);
  });

  it('may be grey itself', async () => {
    const bytes = await scene(240, 180).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer();
    expect(readJpegHeader(bytes)).toMatchObject({ channels: 1, plain: true });
    const pixels = await decodePicture(bytes, contain);
    for (let at = 0; at < pixels.length; at += 3) {
      expect(pixels[at + 1]).toBe(pixels[at]);
      expect(pixels[at + 2]).toBe(pixels[at]);
    }
    expect(meanDifference(pixels, await bySharp(bytes, contain))).toBeLessThan(2.5);
  });

  it('gives the same bytes each time, also with many under way at once', async () => {
    const pictures = await Promise.all(
      [100, 180, 260, 340].map((width) => scene(width, 200).jpeg().toBuffer()),
    );
    const alone: Uint8Array[] = [];
    for (const bytes of pictures) alone.push(await decodePicture(bytes, contain));
    const together = await Promise.all(
      Array.from({ length: 40 }, (_, n) => decodePicture(pictures[n % 4] ?? Buffer.alloc(0), contain)),
    );
    together.forEach((pixels, n) => {
      expect(Buffer.compare(pixels, alone[n % 4] ?? Buffer.alloc(0))).toBe(0);
    });
  });

  it('is read where it is of one pixel, of extreme shape, or smaller than what is wanted', async () => {
    for (const [width, height] of [
      [1, 1],
      [2000, 1],
      [1, 2000],
      [9, 7],
    ] as const) {
      for (const fit of ['contain', 'cover', 'stretch'] as const) {
        const bytes = await scene(width, height).jpeg().toBuffer();
        expect(await decodePicture(bytes, { ...contain, fit })).toHaveLength(48 * 48 * 3);
      }
    }
  });

  it.each([
    ['baseline', {}],
    ['progressive', { progressive: true }],
  ])('is refused wherever it is cut off: %s', async (_, options) => {
    const bytes = await scene(160, 120).jpeg(options).toBuffer();
    for (const kept of [0.1, 0.3, 0.5, 0.7, 0.9, 0.98]) {
      expect(await refusal(bytes.subarray(0, Math.floor(bytes.length * kept)))).toContain(
        'cut off or damaged',
      );
    }
    for (const lost of [1, 2, 3, 10]) {
      expect(await refusal(bytes.subarray(0, bytes.length - lost))).toContain('cut off or damaged');
    }
  });

  it('is refused where it holds fewer pixels than its header says', async () => {
    const bytes = await scene(160, 120).jpeg().toBuffer();
    bytes.writeUInt16BE(160, bytes.indexOf(Buffer.from([0xff, 0xc0])) + 5);
    expect(await refusal(bytes)).toContain('cut off or damaged');
  });

  it('is refused where twenty of its bytes are others, nearly always: some such files are whole pictures again', async () => {
    const bytes = await scene(320, 240).jpeg({ quality: 90 }).toBuffer();
    const random = createRandom(7);
    const tries = 40;
    let refused = 0;
    for (let n = 0; n < tries; n += 1) {
      const changed = Buffer.from(bytes);
      for (let at = 0; at < 20; at += 1) changed[700 + random.int(bytes.length - 800)] = random.int(256);
      const failure = await decodePicture(changed, contain).catch((error: unknown) => error);
      if (failure instanceof Failure) refused += 1;
    }
    expect(refused).toBeGreaterThan(0.8 * tries);
  });

  it('may have zeros before its end, or stray bytes between its parts, as some cameras write', async () => {
    const bytes = await scene(160, 120).jpeg().toBuffer();
    const pixels = await decodePicture(bytes, contain);
    const end = bytes.length - 2;
    const padded = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(40), bytes.subarray(end)]);
    expect(Buffer.compare(await decodePicture(padded, contain), pixels)).toBe(0);
    const trailed = Buffer.concat([bytes, Buffer.from('and more')]);
    expect(Buffer.compare(await decodePicture(trailed, contain), pixels)).toBe(0);
    const tables = bytes.indexOf(Buffer.from([0xff, 0xc4]));
    const strewn = Buffer.concat([bytes.subarray(0, tables), Buffer.from([1, 2, 3]), bytes.subarray(tables)]);
    expect(meanDifference(await decodePicture(strewn, contain), pixels)).toBeLessThan(2.5);
  });

  it('is refused by its header, where that says more pixels than the limit', async () => {
    const bytes = await scene(160, 120).jpeg().toBuffer();
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(20_000, frame + 5);
    bytes.writeUInt16BE(30_000, frame + 7);
    const message = await refusal(bytes);
    expect(message).toContain('30000 × 20000');
    expect(message).toContain('100 megapixels');
  });
});

describe('a JPEG of another kind', () => {
  it('goes by its profile, unless that is sRGB by another name', async () => {
    const picture = scene(240, 180);
    const wide = await picture.clone().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer();
    const usual = await picture.clone().withIccProfile('srgb').jpeg({ quality: 95 }).toBuffer();
    expect(readJpegHeader(wide)).toMatchObject({ plain: false, width: 240, height: 180 });
    expect(isPlain(usual)).toBe(true);
    // The same colours, stored as other numbers: what comes out must not differ by more than the coding.
    const [fromWide, fromUsual] = await Promise.all([wide, usual].map((b) => decodePicture(b, contain)));
    expect(meanDifference(fromWide ?? new Uint8Array(), fromUsual ?? new Uint8Array())).toBeLessThan(2.5);
  });

  it('goes to sharp: CMYK, and more than a megapixel', async () => {
    const cmyk = await scene(240, 180).toColourspace('cmyk').jpeg().toBuffer();
    expect(isPlain(cmyk)).toBe(false);
    expect(await decodePicture(cmyk, contain)).toHaveLength(48 * 48 * 3);
    const large = await scene(400, 300).resize(1600).jpeg({ quality: 90 }).toBuffer();
    expect(meanDifference(await decodePicture(large, contain), await bySharp(large, contain))).toBeLessThan(
      3,
    );
  });

  it('of more than a megapixel is refused where it is cut off', async () => {
    const large = await scene(400, 300).resize(1600).jpeg().toBuffer();
    for (const kept of [0.5, 0.99, 1 - 1 / large.length]) {
      const cut = large.subarray(0, Math.floor(large.length * kept));
      expect(await refusal(cut)).toContain('cut off or damaged');
    }
  });
});

describe('readJpegHeader', () => {
  it('gives nothing for segments that end early or do not follow one another', async () => {
    const bytes = await scene(16, 16).jpeg().toBuffer();
    expect(readJpegHeader(bytes.subarray(0, 4))).toBeUndefined();
    expect(readJpegHeader(bytes.subarray(0, 100))).toBeUndefined();
    const shifted = Buffer.from(bytes);
    shifted.writeUInt16BE(9, 4);
    expect(readJpegHeader(shifted)).toBeUndefined();
  });

  it('takes a broken EXIF segment as upright', async () => {
    const bytes = await scene(16, 16).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const tiff = bytes.indexOf('Exif\0\0') + 6;
    for (const [at, value] of [
      [0, 0x5858],
      [4, 0xffff],
    ] as const) {
      const broken = Buffer.from(bytes);
      broken.writeUInt16LE(value, tiff + at);
      expect(readJpegHeader(broken)?.orientation).toBe(1);
    }
  });
});
