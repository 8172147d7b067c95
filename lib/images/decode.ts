import sharp from 'sharp';
import { Failure } from '../../contracts/failures';
import { channelsOf, type Preprocessing } from '../../contracts/schemas/preprocessing';
import { formatNames, type PictureFormat, readSignature } from './signature';

/**
 * A change of this number says that the same picture may give other bytes than before: it is part of a
 * prepared set's key, as {@link decoderVersion}.
 */
const revision = 1;

/** What decides the bytes that {@link decodePicture} gives: its revision and the libraries under it. */
export const decoderVersion = `${revision} sharp ${sharp.versions.sharp} libvips ${sharp.versions.vips}`;

/** A picture of more pixels is refused unread: 100 megapixels take about 300 MB once unpacked. */
export const defaultPixelLimit = 100_000_000;

export interface DecodeLimits {
  /** Width times height, before any resizing. */
  readonly pixels?: number;
}

const fits = { contain: 'contain', cover: 'cover', stretch: 'fill' } as const;

/**
 * The one decoder: preprocessing and serving both call it, so that what was trained on is what is served.
 *
 * The picture is turned as its EXIF orientation says, brought to sRGB through its embedded profile, laid
 * on white where it is transparent, and resized with Lanczos 3 as `preprocessing.fit` says (`contain` pads
 * with black). Of an animation or a file of several pages, the first is taken. The same bytes give the same
 * pixels on one kind of CPU, whatever the number of threads.
 *
 * @param bytes - JPEG, PNG, WebP, GIF, AVIF or TIFF, told by their first bytes; a name plays no part.
 * @returns `[height, width, channels]`, row by row, each value in [0, 255];
 *   `size` × `size` × {@link channelsOf} bytes.
 * @throws Failure `picture-unreadable`: empty, another kind of file, cut off, damaged, or with more
 *   pixels than the limit. The message says which.
 */
export async function decodePicture(
  bytes: Buffer,
  preprocessing: Preprocessing,
  limits: DecodeLimits = {},
): Promise<Uint8Array> {
  const format = requireFormat(bytes);
  const { size } = preprocessing;
  const limitInputPixels = limits.pixels ?? defaultPixelLimit;
  try {
    // 'error' lets through what decoders only warn of, such as stray bytes that some cameras write.
    const picture = sharp(bytes, { failOn: 'error', limitInputPixels, pages: 1, sequentialRead: true })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .resize({ width: size, height: size, fit: fits[preprocessing.fit], background: '#000000' })
      .toColourspace(preprocessing.color === 'grey' ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' });
    const { data, info } = await picture.toBuffer({ resolveWithObject: true });
    const channels = channelsOf(preprocessing);
    if (info.channels !== channels) {
      throw new Error(`decoded to ${info.channels} channels, not ${channels}`);
    }
    return data;
  } catch (error) {
    throw await describeFailure(bytes, format, limitInputPixels, error);
  }
}

function requireFormat(bytes: Uint8Array): PictureFormat {
  const signature = readSignature(bytes);
  if (signature.format === undefined) {
    throw new Failure(
      'picture-unreadable',
      `Found ${signature.looksLike}; expected a picture: ${Object.values(formatNames).join(', ')}.`,
    );
  }
  return signature.format;
}

/** Only a picture that failed is looked at twice: its header tells a bomb from damage. */
async function describeFailure(
  bytes: Buffer,
  format: PictureFormat,
  limit: number,
  cause: unknown,
): Promise<Failure> {
  const name = formatNames[format];
  const said = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').trim() : 'unknown';
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
    const megapixels = (pixels: number) => `${(pixels / 1e6).toFixed(1).replace(/\.0$/, '')} megapixels`;
    if (width * height > limit) {
      return new Failure(
        'picture-unreadable',
        `The ${name} says that it is ${width} × ${height} pixels, which is ${megapixels(width * height)}; ` +
          `at most ${megapixels(limit)} are read. Make it smaller.`,
      );
    }
    return new Failure(
      'picture-unreadable',
      `The ${name} of ${width} × ${height} pixels is cut off or damaged (${said}).`,
      { cause },
    );
  } catch {
    return new Failure('picture-unreadable', `It begins as a ${name}, but is cut off or damaged (${said}).`, {
      cause,
    });
  }
}
