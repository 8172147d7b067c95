import sharp from 'sharp';

/** Pixels as they are prepared. */
export interface Pixels {
  /** uint8 `[height, width, channels]`. */
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/**
 * Prepared pixels as a file: a PNG shows each of them as it is, a JPEG is small.
 *
 * @param side - The longest that its sides may be, in pixels; larger ones are made smaller.
 * @throws Error where there are not as many values as the shape says
 */
export async function encodePixels(
  { values, width, height, channels }: Pixels,
  format: 'png' | 'jpeg',
  side = Math.max(width, height),
): Promise<Buffer> {
  const image = sharp(values, { raw: { width, height, channels } }).resize({
    width: side,
    height: side,
    fit: 'inside',
    withoutEnlargement: true,
  });
  return (format === 'png' ? image.png({ compressionLevel: 9 }) : image.jpeg({ quality: 80 })).toBuffer();
}
