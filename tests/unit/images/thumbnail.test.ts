import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Failure } from '../../../contracts/failures';
import { thumbnail } from '../../../lib/images/thumbnail';
import { scene } from './scene';

describe('thumbnail', () => {
  it('is a small upright JPEG without metadata, its longer side as wanted', async () => {
    const turned = await scene(300, 200)
      .withMetadata({ orientation: 6, exif: { IFD0: { Copyright: 'somebody' } } })
      .jpeg()
      .toBuffer();
    const small = await thumbnail(turned, 96);
    const { format, width, height, exif, icc, orientation } = await sharp(small).metadata();
    expect({ format, width, height, exif, icc, orientation }).toEqual({
      format: 'jpeg',
      width: 64,
      height: 96,
      exif: undefined,
      icc: undefined,
      orientation: undefined,
    });
    expect(small.length).toBeLessThan(5000);
  });

  it('lays transparency on white, and leaves a smaller picture at its size', async () => {
    const clear = sharp({ create: { width: 20, height: 10, channels: 4, background: '#00000000' } });
    const small = sharp(await thumbnail(await clear.png().toBuffer(), 96));
    expect(await small.metadata()).toMatchObject({ width: 20, height: 10, channels: 3 });
    expect([...new Set(await small.raw().toBuffer())]).toEqual([255]);
  });

  it('refuses what is no picture, or not whole', async () => {
    const cut = (await scene(300, 200).jpeg().toBuffer()).subarray(0, 2000);
    for (const bytes of [Buffer.from('no'), cut]) {
      const failure = await thumbnail(bytes, 96).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Failure);
      expect((failure as Failure).type).toBe('picture-unreadable');
    }
  });
});
