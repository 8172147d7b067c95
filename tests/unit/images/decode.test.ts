import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Failure } from '../../../contracts/failures';
import type { Preprocessing } from '../../../contracts/schemas/preprocessing';
import { decodePicture } from '../../../lib/images/decode';

const rgb: Preprocessing = { size: 8, color: 'rgb', fit: 'stretch' };

/** A picture of solid quadrants: red, green / blue, white. */
function quadrants(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const left = x < width / 2;
      const top = y < height / 2;
      const colour = top ? (left ? [255, 0, 0] : [0, 255, 0]) : left ? [0, 0, 255] : [255, 255, 255];
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return pixels;
}

function picture(width: number, height: number): sharp.Sharp {
  return sharp(quadrants(width, height), { raw: { width, height, channels: 3 } });
}

function pixel(pixels: Uint8Array, size: number, x: number, y: number, channels = 3): number[] {
  return [...pixels.subarray((y * size + x) * channels, (y * size + x + 1) * channels)];
}

async function refusal(bytes: Buffer, limits?: { pixels: number }): Promise<string> {
  const failure = await decodePicture(bytes, rgb, limits).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect((failure as Failure).type).toBe('picture-unreadable');
  return (failure as Failure).message;
}

/** A PNG whose header promises far more than it holds. */
async function bomb(width: number, height: number): Promise<Buffer> {
  const bytes = await picture(8, 8).png().toBuffer();
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  const { crc32 } = await import('node:zlib');
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

describe('decodePicture', () => {
  it('gives height × width × channels bytes, row by row, in the order red, green, blue', async () => {
    const pixels = await decodePicture(await picture(16, 16).png().toBuffer(), rgb);
    expect(pixels).toHaveLength(8 * 8 * 3);
    expect(pixel(pixels, 8, 0, 0)).toEqual([255, 0, 0]);
    expect(pixel(pixels, 8, 7, 0)).toEqual([0, 255, 0]);
    expect(pixel(pixels, 8, 0, 7)).toEqual([0, 0, 255]);
    expect(pixel(pixels, 8, 7, 7)).toEqual([255, 255, 255]);
  });

  it('gives one channel of luminance for grey', async () => {
    const grey = await decodePicture(await picture(16, 16).png().toBuffer(), { ...rgb, color: 'grey' });
    expect(grey).toHaveLength(64);
    const [red, green, blue, white] = [0, 7, 56, 63].map((at) => grey[at]);
    expect(white).toBe(255);
    expect(green).toBeGreaterThan(red ?? 255);
    expect(red).toBeGreaterThan(blue ?? 255);
  });

  it('pads with black to contain, crops the middle to cover, and squeezes to stretch', async () => {
    const wide = await picture(32, 16).png().toBuffer();
    const contain = await decodePicture(wide, { ...rgb, fit: 'contain' });
    for (const x of [0, 7]) {
      for (const y of [0, 1, 6, 7]) expect(pixel(contain, 8, x, y)).toEqual([0, 0, 0]);
    }
    expect(pixel(contain, 8, 0, 2)).toEqual([255, 0, 0]);
    expect(pixel(contain, 8, 7, 5)).toEqual([255, 255, 255]);
    // Stripes of red at the far left and right are lost by cover, and kept by stretch.
    const striped = await picture(32, 16)
      .extend({ left: 16, right: 16, background: '#ff00ff' })
      .png()
      .toBuffer();
    expect(pixel(await decodePicture(striped, { ...rgb, fit: 'cover' }), 8, 0, 0)).toEqual([255, 0, 0]);
    expect(pixel(await decodePicture(striped, { ...rgb, fit: 'stretch' }), 8, 0, 0)).toEqual([255, 0, 255]);
  });

  it('turns a picture as its EXIF orientation says', async () => {
    // Orientation 6: the camera was turned, so its top row is the right side.
    const turned = await picture(16, 16).withMetadata({ orientation: 6 }).png().toBuffer();
    const pixels = await decodePicture(turned, rgb);
    expect(pixel(pixels, 8, 7, 0)).toEqual([255, 0, 0]);
    expect(pixel(pixels, 8, 7, 7)).toEqual([0, 255, 0]);
    expect(pixel(pixels, 8, 0, 0)).toEqual([0, 0, 255]);
  });

  it('lays transparency on white', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
      .png()
      .toBuffer();
    expect([...new Set(await decodePicture(clear, rgb))]).toEqual([255]);
  });

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)('reads %s', async (format) => {
    const bytes = await picture(64, 64).toFormat(format, { quality: 90 }).toBuffer();
    const [red = 0, green = 255] = pixel(await decodePicture(bytes, rgb), 8, 1, 1);
    expect(red).toBeGreaterThan(230);
    expect(green).toBeLessThan(25);
  });

  it('reads 16 bits a channel, CMYK, palettes and grey with alpha', async () => {
    const forms = [
      picture(16, 16).toColourspace('rgb16').png(),
      picture(16, 16).toColourspace('cmyk').jpeg(),
      picture(16, 16).png({ palette: true }),
      picture(16, 16).greyscale().ensureAlpha().png(),
    ];
    for (const form of forms) {
      for (const color of ['rgb', 'grey'] as const) {
        const pixels = await decodePicture(await form.toBuffer(), { ...rgb, color });
        expect(pixels).toHaveLength(64 * (color === 'rgb' ? 3 : 1));
        expect(pixels.at(-1)).toBeGreaterThan(225);
      }
    }
  });

  it('takes the first frame of an animation', async () => {
    const frames = ['#ff0000', '#0000ff'].map((background) => ({
      create: { width: 16, height: 16, channels: 3 as const, background },
    }));
    const animated = await sharp(await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer())), {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    expect(await sharp(animated).metadata()).toMatchObject({ pages: 2 });
    expect(pixel(await decodePicture(animated, rgb), 8, 3, 3)).toEqual([255, 0, 0]);
  });

  it('reads pictures of one pixel and of extreme shape', async () => {
    for (const [width, height] of [
      [1, 1],
      [2000, 1],
      [1, 2000],
    ] as const) {
      for (const fit of ['contain', 'cover', 'stretch'] as const) {
        const bytes = await picture(width, height).png().toBuffer();
        expect(await decodePicture(bytes, { ...rgb, fit })).toHaveLength(192);
      }
    }
  });

  it('gives the same bytes whatever the number of threads', async () => {
    const bytes = await picture(301, 203).blur(3).jpeg().toBuffer();
    const before = sharp.concurrency();
    try {
      sharp.concurrency(1);
      const one = await decodePicture(bytes, { size: 48, color: 'rgb', fit: 'contain' });
      sharp.concurrency(4);
      const four = await decodePicture(bytes, { size: 48, color: 'rgb', fit: 'contain' });
      expect(Buffer.compare(four, one)).toBe(0);
    } finally {
      sharp.concurrency(before);
    }
  });

  it('says what it found where that is no picture', async () => {
    const svg = '<?xml version="1.0"?><!-- by hand --><svg xmlns="http://www.w3.org/2000/svg"/>';
    expect(await refusal(Buffer.alloc(0))).toContain('empty');
    expect(await refusal(Buffer.from('I am a cat.'))).toContain('Found text');
    expect(await refusal(Buffer.from('<!DOCTYPE html><title>Not found</title>'))).toContain('a web page');
    expect(await refusal(Buffer.from(svg))).toContain('an SVG drawing');
    expect(await refusal(Buffer.from('%PDF-1.7\n'))).toContain('a PDF');
    expect(await refusal(Buffer.from('BM\0\0\0\0'))).toContain('a BMP picture');
    expect(await refusal(Buffer.from('PK\u0003\u0004'))).toContain('a ZIP archive');
    expect(await refusal(Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0mif1heic'))).toContain('a HEIC picture');
    expect(await refusal(Buffer.from('\0\0\0\u0018ftypisom\0\0\0\0isommp42'))).toContain('a video');
    expect(await refusal(Buffer.from([0, 1, 2, 3, 4, 5]))).toContain('unknown data');
  });

  it('refuses a picture that is cut off, in every format, and one of which only the head is left', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const) {
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
      const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#000', noise } })
        .toFormat(format)
        .toBuffer();
      expect(await refusal(bytes.subarray(0, Math.floor(bytes.length / 2)))).toContain('cut off or damaged');
      expect(await refusal(bytes.subarray(0, 16))).toContain('cut off or damaged');
    }
  });

  it('refuses more pixels than its limit, without unpacking them', async () => {
    const message = await refusal(await bomb(30_000, 20_000));
    expect(message).toContain('30000 × 20000');
    expect(message).toContain('600 megapixels');
    expect(message).toContain('100 megapixels');
    const small = await picture(16, 16).png().toBuffer();
    expect(await refusal(small, { pixels: 255 })).toContain('16 × 16');
    expect(await decodePicture(small, rgb, { pixels: 256 })).toHaveLength(192);
  });
});
