import type sharp from 'sharp';
import { mostPlainPixels } from './jpeg/decoder';
import { type JpegHeader, readJpegHeader } from './jpeg/header';
import { PictureRefused } from './refusal';
import { formatNames, type PictureFormat, readSignature } from './signature';

/** A picture of more pixels is refused unread: 100 megapixels take about 300 MB once unpacked. */
export const defaultPixelLimit = 100_000_000;

export interface DecodeLimits {
  /** Width times height, before any resizing. */
  readonly pixels?: number;
}

/** A file whose first bytes say that it is a picture, before any pixel is decoded. */
export interface OpenedPicture {
  readonly bytes: Buffer;
  readonly format: PictureFormat;
  readonly limit: number;
  /** Of a JPEG of the common kind and size, which needs no sharp. */
  readonly plainJpeg?: JpegHeader;
}

/** @throws PictureRefused `not_a_picture`; of a JPEG `too_large`, and `damaged` where it is cut off */
export function openPicture(bytes: Buffer, limits: DecodeLimits): OpenedPicture {
  const signature = readSignature(bytes);
  if (signature.format === undefined) {
    throw new PictureRefused(
      'not_a_picture',
      `Found ${signature.looksLike}; expected a picture: ${Object.values(formatNames).join(', ')}.`,
    );
  }
  const { format } = signature;
  const limit = limits.pixels ?? defaultPixelLimit;
  const header = format === 'jpeg' ? readJpegHeader(bytes) : undefined;
  if (header === undefined) return { bytes, format, limit };
  const pixels = header.width * header.height;
  if (pixels > limit) throw tooLarge(format, header.width, header.height, limit);
  // Decoders stop reading where they have all the rows, and would not miss it.
  if (!header.ended) throw damaged(format, 'it ends early', header);
  return { bytes, format, limit, ...(header.plain && pixels <= mostPlainPixels && { plainJpeg: header }) };
}

/**
 * The picture as sharp reads it: its first frame or page, turned as its EXIF orientation says, and laid on white where it is
 * transparent.
 *
 * sharp is loaded with the first picture that needs it: most need only libjpeg-turbo, and a process that serves is ready the sooner.
 *
 * @param failOn - `error` lets through what decoders only warn of
 */
export async function readWithSharp(
  { bytes, limit }: OpenedPicture,
  failOn: 'error' | 'warning' = 'error',
): Promise<sharp.Sharp> {
  const { default: sharp } = await import('sharp');
  return sharp(bytes, { failOn, limitInputPixels: limit, pages: 1, sequentialRead: true })
    .autoOrient()
    .flatten({ background: '#ffffff' });
}

/**
 * What the header of a picture that sharp reads says.
 *
 * @throws PictureRefused `damaged`, `too_large`
 */
export async function readMetadata(opened: OpenedPicture): Promise<sharp.Metadata> {
  try {
    const picture = await readWithSharp(opened);
    return await picture.metadata();
  } catch (error) {
    throw await refuseUnread(opened, error);
  }
}

/** What to say of a picture that sharp couldn't read. Only then is it looked at twice: its header tells a bomb from damage. */
export async function refuseUnread(opened: OpenedPicture, cause: unknown): Promise<PictureRefused> {
  const { bytes, format, limit } = opened;
  const said = lastLine(cause instanceof Error ? cause.message : '');
  let size: { readonly width: number; readonly height: number } | undefined;
  try {
    const { default: sharp } = await import('sharp');
    size = await sharp(bytes, { limitInputPixels: false, pages: 1 }).metadata();
  } catch {
    // Not even its header can be read.
  }
  if (size !== undefined && size.width * size.height > limit) {
    return tooLarge(format, size.width, size.height, limit);
  }
  return damaged(format, said, size, cause);
}

/** libvips gives a line to each fault, and to each attempt: the last says why it gave up. */
function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.replace(/\s+/g, ' ').trim().slice(0, longestReason) || 'unknown';
}

const longestReason = 160;

/** @param size - Pixels as stored, where the header could be read. */
export function damaged(
  format: PictureFormat,
  said: string,
  size?: { readonly width: number; readonly height: number },
  cause?: unknown,
): PictureRefused {
  const name = formatNames[format];
  const message =
    size !== undefined
      ? `The ${name} of ${size.width} × ${size.height} pixels is cut off or damaged (${said}).`
      : `It begins like a picture in ${name}, but is cut off or damaged (${said}).`;
  return new PictureRefused('damaged', message, { cause });
}

function tooLarge(format: PictureFormat, width: number, height: number, limit: number): PictureRefused {
  const megapixels = (pixels: number) => `${(pixels / 1e6).toFixed(1).replace(/\.0$/, '')} megapixels`;
  return new PictureRefused(
    'too_large',
    `The ${formatNames[format]} says that it is ${width} × ${height} pixels, which is ${megapixels(width * height)}; ` +
      `at most ${megapixels(limit)} are read. Make it smaller.`,
  );
}
