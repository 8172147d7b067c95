import { type OpenedPicture, openPicture, readWithSharp, refuseUnread } from './open';
import { failureOf } from './refusal';

/** Good enough to tell what is shown, at some 2 kB for 96 pixels. */
const quality = 70;

/**
 * A small JPEG of a picture: upright, in sRGB, without metadata, on white where it was transparent.
 *
 * @param bytes - As of `decodePicture`.
 * @param side - Pixels of its longer side; a smaller picture stays as it is.
 * @throws Failure `picture-unreadable`, as `decodePicture`
 */
export async function thumbnail(bytes: Buffer, side: number): Promise<Buffer> {
  try {
    return await shrink(openPicture(bytes, {}), side);
  } catch (error) {
    throw failureOf(error);
  }
}

async function shrink(opened: OpenedPicture, side: number): Promise<Buffer> {
  try {
    const picture = await readWithSharp(opened);
    return await picture
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .jpeg({ quality })
      .toBuffer();
  } catch (error) {
    throw await refuseUnread(opened, error);
  }
}
