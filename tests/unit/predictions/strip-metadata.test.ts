import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { decodePicture } from '../../../lib/images/decode';
import { withoutMetadata } from '../../../lib/predictions/strip-metadata';

type Format = 'jpeg' | 'png' | 'webp';

const drawn = (channels: 3 | 4 = 3) =>
  sharp(Buffer.from(Array.from({ length: 40 * 30 * channels }, (_, at) => (at * 7) % 251)), {
    raw: { width: 40, height: 30, channels },
  });

function told(format: Format, orientation: number): Promise<Buffer> {
  return drawn()
    .toFormat(format, format === 'jpeg' ? { progressive: true } : {})
    .withExif({ IFD0: { Artist: 'Ada' }, IFD3: { GPSLatitude: '52/1 31/1 12/1', GPSLatitudeRef: 'N' } })
    .withMetadata({ orientation })
    .withIccProfile('p3')
    .toBuffer();
}

const cases = (['jpeg', 'png', 'webp'] as const).flatMap((format) =>
  [1, 6].map((orientation) => ({ format, orientation })),
);

describe('a picture without its metadata', () => {
  it.each(cases)(
    'is decoded to the same pixels, as $format with orientation $orientation, and says nothing else',
    async ({ format, orientation: wanted }) => {
      const sent = Buffer.concat([await told(format, wanted), Buffer.from('a second picture with a place')]);
      const kept = Buffer.from(withoutMetadata(sent, format));
      const preprocessing = { size: 24, color: 'rgb', fit: 'contain' } as const;
      expect(await decodePicture(kept, preprocessing)).toEqual(await decodePicture(sent, preprocessing));
      expect(sent.includes('Ada')).toBe(true);
      expect([kept.includes('Ada'), kept.includes('place')]).toEqual([false, false]);
      const { exif, orientation = 1, icc, format: found } = await sharp(kept).metadata();
      expect([orientation, found, icc === undefined]).toEqual([wanted, format, false]);
      expect((exif?.length ?? 0) <= 40).toBe(true);
      expect(Buffer.compare(withoutMetadata(kept, format), kept)).toBe(0);
    },
  );

  it("leaves out a PNG's texts and time, and keeps its transparency", async () => {
    const plain = await drawn(4).png().toBuffer();
    const text = Buffer.from('\0\0\0\x10tEXtComment\0by Ada L\0\0\0\0', 'latin1');
    const sent = Buffer.concat([plain.subarray(0, 33), text, plain.subarray(33)]);
    expect(Buffer.compare(withoutMetadata(sent, 'png'), plain)).toBe(0);
  });

  it('is one without an odd end that decoders pass over, though a WebP has none of what it should there', async () => {
    const sent = Buffer.concat([
      await drawn().webp().toBuffer(),
      Buffer.from('VP8X\0\0\0\0EXIF\0\0\0\0', 'latin1'),
    ]);
    sent.writeUInt32LE(sent.length - 8, 4);
    const preprocessing = { size: 24, color: 'rgb', fit: 'contain' } as const;
    const kept = Buffer.from(withoutMetadata(sent, 'webp'));
    expect([kept.includes('VP8X'), kept.includes('EXIF')]).toEqual([false, false]);
    expect(await decodePicture(kept, preprocessing)).toEqual(await decodePicture(sent, preprocessing));
  });

  it.each([
    ['jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1, 2])],
    ['png', Buffer.from('89504e470d0a1a0affffffff4948445200000000', 'hex')],
    ['webp', Buffer.from('RIFF\xff\0\0\0WEBPVP8 ', 'latin1')],
    ['gif', Buffer.from('GIF89a')],
  ] as const)(
    'is left as it is where a %s is not built as it should be, or not looked into',
    (format, odd) => {
      expect(withoutMetadata(odd, format)).toBe(odd);
    },
  );
});
