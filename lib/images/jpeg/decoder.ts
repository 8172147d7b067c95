import { decompress, FORMAT_RGBA } from '@julusian/jpeg-turbo';
import jpegTurboPackage from '@julusian/jpeg-turbo/package.json';
import { FastResizeFilter, ResizeFit, Transformer } from '@napi-rs/image';
import resizePackage from '@napi-rs/image/package.json';
import type { Placement } from '../placement';
import type { JpegHeader } from './header';

/** The libraries that decide the pixels: other versions may give others. */
export const jpegDecoderVersion = `jpeg-turbo ${jpegTurboPackage.version} image ${resizePackage.version}`;

/**
 * A picture of more pixels goes to sharp, which decodes it at a fraction of its size: from here on that saves more than
 * what sharp takes to begin. It bounds what is decoded whole to 4 MiB of RGBA, too.
 */
export const mostPlainPixels = 2 ** 20;

/**
 * Decodes a plain JPEG with libjpeg-turbo and resizes it with Lanczos 3, both on libuv's threads.
 *
 * @param placement - Of the picture as it is shown.
 * @returns RGB of `placement.canvas`, row by row, upright; undefined where the decoder found anything amiss, of
 *   which it says no more.
 */
export async function decodePlainJpeg(
  bytes: Buffer,
  header: JpegHeader,
  placement: Placement,
): Promise<Uint8Array | undefined> {
  const decoded = await decompress(bytes, { format: FORMAT_RGBA }).catch(() => undefined);
  if (decoded === undefined) return undefined;
  const { crop, columns, rows } = placement;
  const turn = turnOf(header.orientation);
  // From here on in the stored picture's own directions.
  const [across, down] = turn.swapped ? [crop.height, crop.width] : [crop.width, crop.height];
  const [width, height] = turn.swapped ? [rows, columns] : [columns, rows];
  const picture = Transformer.fromRgbaPixels(decoded.data, decoded.width, decoded.height);
  if (across < decoded.width || down < decoded.height) {
    const left = Math.floor((decoded.width - across) / 2);
    picture.crop(left, Math.floor((decoded.height - down) / 2), across, down);
  }
  picture.fastResize({ width, height, fit: ResizeFit.Fill, filter: FastResizeFilter.Lanczos3 });
  return placed(await picture.rawPixels(), width, height, placement, turn);
}

interface Turn {
  /** Rows and columns change places; then the columns, or the rows, are mirrored. */
  readonly swapped: boolean;
  readonly mirrored: boolean;
  readonly flipped: boolean;
}

/** EXIF 2.32, tag 0x0112. */
function turnOf(orientation: number): Turn {
  return {
    swapped: orientation >= 5,
    mirrored: [2, 3, 6, 7].includes(orientation),
    flipped: [3, 4, 7, 8].includes(orientation),
  };
}

/** Copies stored RGBA pixels to their place on a black RGB canvas, upright. */
function placed(
  rgba: Uint8Array,
  width: number,
  height: number,
  { canvas, left, top, columns, rows }: Placement,
  { swapped, mirrored, flipped }: Turn,
): Uint8Array {
  const line = canvas.width * 3;
  const pixels = new Uint8Array(line * canvas.height);
  const along = mirrored ? -3 : 3;
  const downward = flipped ? -line : line;
  const [right, below] = swapped ? [downward, along] : [along, downward];
  const first = (flipped ? top + rows - 1 : top) * line + (mirrored ? left + columns - 1 : left) * 3;
  let from = 0;
  for (let row = 0; row < height; row += 1) {
    let to = first + row * below;
    for (let column = 0; column < width; column += 1) {
      pixels[to] = rgba[from] ?? 0;
      pixels[to + 1] = rgba[from + 1] ?? 0;
      pixels[to + 2] = rgba[from + 2] ?? 0;
      from += 4;
      to += right;
    }
  }
  return pixels;
}
