import type { PictureFormat } from '../images/signature';
import { strippedJpeg } from './strip-jpeg';
import { strippedPng } from './strip-png';
import { strippedWebp } from './strip-webp';

const strippers: Partial<Record<PictureFormat, (picture: Buffer) => Buffer>> = {
  jpeg: strippedJpeg,
  png: strippedPng,
  webp: strippedWebp,
};

/**
 * A JPEG, PNG or WebP without what does not concern its pixels: EXIF (places, times, cameras, thumbnails), XMP, IPTC, comments, and whatever
 * stands behind its end. Its orientation and colour profile are kept, and the pixels are not touched, so that it is decoded to the same.
 *
 * @returns the same bytes for another format, and for a picture that isn't built as it should be
 */
export function withoutMetadata(picture: Uint8Array, format: PictureFormat | 'bin'): Uint8Array {
  const strip = format === 'bin' ? undefined : strippers[format];
  if (strip === undefined) return picture;
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
  const kept = strip(bytes);
  return kept === bytes ? picture : kept;
}
