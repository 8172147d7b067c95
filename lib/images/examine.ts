import type sharp from 'sharp';
import type { PictureFacts } from '../../contracts/schemas/dataset';
import { type DecodeLimits, type OpenedPicture, openPicture, readMetadata } from './open';
import { hashedSide, hashQuality, perceptualHash } from './perceptual-hash';
import { readPixels } from './pixels';
import { PictureRefused, type RefusalKind } from './refusal';

/** What a picture is, or why it is none. */
export type Examination =
  | { readonly facts: PictureFacts }
  /** `reason` is a sentence for people, as {@link decodePicture}'s messages are. */
  | { readonly problem: { readonly kind: RefusalKind; readonly reason: string } };

/** What a header says, before any pixel is decoded. */
type HeaderFacts = Omit<PictureFacts, 'hash' | 'quality' | 'brightness' | 'contrast'>;

/**
 * Finds out what is to be known of a picture. It decodes all of it once, with the decoder of `decodePicture`, so
 * that a file that is cut off is found. Brightness, contrast and the hash are of its luma at 64 × 64 pixels.
 *
 * @param bytes - A file, whatever its name says.
 * @returns A problem for what `decodePicture` would refuse; it throws for none of them.
 */
export async function examinePicture(bytes: Buffer, limits: DecodeLimits = {}): Promise<Examination> {
  try {
    const opened = openPicture(bytes, limits);
    const header = await readHeader(opened);
    const luma = await readPixels(opened, { size: hashedSide, color: 'grey', fit: 'stretch' });
    return {
      facts: {
        ...header,
        hash: perceptualHash(luma),
        quality: hashQuality(luma),
        ...brightnessAndContrast(luma),
      },
    };
  } catch (error) {
    if (!(error instanceof PictureRefused)) throw error;
    return { problem: { kind: error.kind, reason: error.message } };
  }
}

async function readHeader(opened: OpenedPicture): Promise<HeaderFacts> {
  const { format, plainJpeg } = opened;
  if (plainJpeg !== undefined) {
    const { width, height, orientation, channels } = plainJpeg;
    const [across, down] = orientation >= 5 ? [height, width] : [width, height];
    const space = channels === 1 ? 'grey' : 'rgb';
    return { format, width: across, height: down, frames: 1, depth: 8, space, alpha: false, orientation };
  }
  const metadata = await readMetadata(opened);
  return {
    format,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    frames: metadata.pages ?? 1,
    depth: metadata.bitsPerSample ?? bitsByDepth[metadata.depth] ?? 8,
    space: spaces[metadata.space] ?? 'other',
    alpha: metadata.hasAlpha,
    orientation: metadata.orientation ?? 1,
  };
}

const bitsByDepth: Readonly<Partial<Record<string, number>>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
} satisfies Partial<Record<keyof sharp.DepthEnum, number>>;

const spaces: Readonly<Partial<Record<string, HeaderFacts['space']>>> = {
  srgb: 'rgb',
  rgb: 'rgb',
  rgb16: 'rgb',
  scrgb: 'rgb',
  'b-w': 'grey',
  grey16: 'grey',
  cmyk: 'cmyk',
};

/** Mean and standard deviation, to two decimals: more would be noise. */
function brightnessAndContrast(luma: Uint8Array): Pick<PictureFacts, 'brightness' | 'contrast'> {
  let sum = 0;
  let squares = 0;
  for (const value of luma) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / luma.length;
  const rounded = (value: number) => Math.round(value * 100) / 100;
  return {
    brightness: rounded(mean),
    contrast: rounded(Math.sqrt(Math.max(0, squares / luma.length - mean * mean))),
  };
}
