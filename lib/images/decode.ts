import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { DecodingThread } from './jpeg/decoder';
import { type DecodeLimits, openPicture } from './open';
import { readPixels } from './pixels';
import { failureOf } from './refusal';

export type { DecodeLimits } from './open';

/**
 * The one decoder: preprocessing and serving both call it, so that what was trained on is what is served.
 *
 * The picture is turned as its EXIF orientation says, brought to sRGB through its embedded profile, laid
 * on white where it is transparent, and resized with Lanczos 3 as `preprocessing.fit` says (`contain` pads
 * with black). Grey is luma (Rec. 601). Of an animation or a file of several pages, the first is taken.
 *
 * JPEGs of the common kind (8 bits, Huffman coded, grey or YCbCr, sRGB, up to a megapixel) are decoded by
 * libjpeg-turbo, everything else by sharp (docs/decisions/0004-decoder.md). The same bytes give the same pixels on one kind of
 * CPU, whatever the number of threads.
 *
 * @param thread - `own` for one that decodes one picture after the other and has nothing else to do: that saves a tenth of the time.
 * @param bytes - JPEG, PNG, WebP, GIF, AVIF or TIFF, told by their first bytes; a name plays no part.
 * @returns `[height, width, channels]`, row by row, each value in [0, 255];
 *   `size` × `size` × `channelsOf(preprocessing)` bytes.
 * @throws Failure `picture-unreadable`: empty, another kind of file, cut off, damaged, or with more
 *   pixels than the limit. The message says which.
 */
export async function decodePicture(
  bytes: Buffer,
  preprocessing: Preprocessing,
  { thread, ...limits }: DecodeLimits & { readonly thread?: DecodingThread } = {},
): Promise<Uint8Array> {
  try {
    return await readPixels(openPicture(bytes, limits), preprocessing, thread);
  } catch (error) {
    throw failureOf(error);
  }
}
