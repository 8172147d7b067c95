import { channelsOf } from '../../contracts/channels';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { decodePlainJpeg, type DecodingThread } from './jpeg/decoder';
import { lumaOf } from './luma';
import { damaged, type OpenedPicture, readWithSharp, refuseUnread } from './open';
import { placePicture } from './placement';
import { PictureRefused } from './refusal';

const fits = { contain: 'contain', cover: 'cover', stretch: 'fill' } as const;

/**
 * Decodes all of an opened picture to a square of pixels, by the decoder that reads its kind.
 *
 * @param thread - Of a plain JPEG; sharp always works on libuv's.
 * @returns `[size, size, channels]`, row by row; one channel of grey is luma.
 * @throws PictureRefused `damaged`, `too_large`
 */
export async function readPixels(
  opened: OpenedPicture,
  preprocessing: Preprocessing,
  thread: DecodingThread = 'pool',
): Promise<Uint8Array> {
  const { plainJpeg } = opened;
  if (plainJpeg !== undefined) {
    const { size, fit } = preprocessing;
    const { width, height, orientation } = plainJpeg;
    const [across, down] = orientation >= 5 ? [height, width] : [width, height];
    const placement = placePicture(across, down, size, fit);
    const found = await decodePlainJpeg(
      opened.bytes,
      plainJpeg,
      placement,
      channelsOf(preprocessing),
      thread,
    );
    if (found === 'damaged') throw damaged(opened.format, 'its data are not what they should be', plainJpeg);
    if (found !== 'foreign') return found;
  }
  return readPixelsWithSharp(opened, preprocessing);
}

/**
 * libjpeg only warns of a picture that is damaged, and makes up the rest: of a JPEG its warnings count, but for bytes
 * between its parts that belong to none, which some cameras write.
 */
async function readPixelsWithSharp(opened: OpenedPicture, preprocessing: Preprocessing): Promise<Uint8Array> {
  if (opened.format !== 'jpeg') return readPixelsOrFail(opened, preprocessing, 'error');
  try {
    return await readPixelsOrFail(opened, preprocessing, 'warning');
  } catch (error) {
    if (!(error instanceof PictureRefused) || !isOfStrayBytes(error.cause)) throw error;
    return readPixelsOrFail(opened, preprocessing, 'error');
  }
}

/** Whether libvips, which gives a line to each fault, found nothing else. */
function isOfStrayBytes(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  const lines = fault.message.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => line.includes('extraneous bytes before marker'));
}

async function readPixelsOrFail(
  opened: OpenedPicture,
  preprocessing: Preprocessing,
  failOn: 'error' | 'warning',
): Promise<Uint8Array> {
  const { size, fit, color } = preprocessing;
  try {
    const picture = await readWithSharp(opened, failOn);
    const { data, info } = await picture
      .resize({ width: size, height: size, fit: fits[fit], background: '#000000' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels, not 3`);
    return color === 'grey' ? lumaOf(data) : data;
  } catch (error) {
    throw error instanceof PictureRefused ? error : await refuseUnread(opened, error);
  }
}
