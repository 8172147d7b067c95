import { openPicture, readMetadata } from './open';
import { failureOf } from './refusal';

/**
 * How large a picture is, upright, by its header alone: no pixel is decoded.
 *
 * @param bytes - As of `decodePicture`.
 * @throws Failure `picture-unreadable`
 */
export async function pictureSize(
  bytes: Buffer,
): Promise<{ readonly width: number; readonly height: number }> {
  try {
    const opened = openPicture(bytes, {});
    if (opened.plainJpeg === undefined) {
      const { width, height } = (await readMetadata(opened)).autoOrient;
      return { width, height };
    }
    const { width, height, orientation } = opened.plainJpeg;
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch (error) {
    throw failureOf(error);
  }
}
