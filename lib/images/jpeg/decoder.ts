import { decompress, type DecompressReturn, decompressSync, FORMAT_RGBA } from '@julusian/jpeg-turbo';
import jpegTurboPackage from '@julusian/jpeg-turbo/package.json';
import { FastResizeFilter, ResizeFit, Transformer } from '@napi-rs/image';
import resizePackage from '@napi-rs/image/package.json';
import type { Placement } from '../placement';
import { endMarker, type JpegHeader } from './header';

/** The libraries that decide the pixels: other versions may give others. */
export const jpegDecoderVersion = `jpeg-turbo ${jpegTurboPackage.version} image ${resizePackage.version}`;

/**
 * A picture of more pixels goes to sharp, which decodes it at a fraction of its size: from here on that saves more than
 * what sharp takes to begin. It bounds what is decoded whole to 4 MiB of RGBA, too.
 */
export const mostPlainPixels = 2 ** 20;

/**
 * What came of a plain JPEG: its pixels; `damaged`, where some would be made up; or `foreign`, where the decoder does not
 * know its kind (of subsampling, for one), which says nothing against it.
 */
export type PlainJpeg = Uint8Array | 'damaged' | 'foreign';

/** Where a picture is decoded: on the thread that asks, or on libuv's, so that several are at once. The pixels are the same. */
export type DecodingThread = 'own' | 'pool';

/**
 * Decodes a plain JPEG with libjpeg-turbo and resizes it with Lanczos 3.
 *
 * @param placement - Of the picture as it is shown.
 * @returns RGB of `placement.canvas`, row by row, upright.
 */
export async function decodePlainJpeg(
  bytes: Buffer,
  header: JpegHeader,
  placement: Placement,
  thread: DecodingThread,
): Promise<PlainJpeg> {
  const { columns, rows } = placement;
  // What `cover` makes of a picture of extreme shape is left to sharp, which keeps no more of it than what is seen.
  if (columns * rows > mostPlainPixels) return 'foreign';
  let picture = await unpack(bytes, header, thread);
  if (picture === 'damaged') {
    const unpadded = withoutPadding(bytes);
    if (unpadded !== undefined) picture = await unpack(unpadded, header, thread);
  }
  if (typeof picture === 'string') return picture;
  const turn = turnOf(header.orientation);
  const [width, height] = turn.swapped ? [rows, columns] : [columns, rows];
  picture.fastResize({ width, height, fit: ResizeFit.Fill, filter: FastResizeFilter.Lanczos3 });
  const pixels = thread === 'own' ? picture.rawPixelsSync() : await picture.rawPixels();
  return placed(pixels, placement, turn);
}

/**
 * Some cameras write zeros between a picture's data and its end, of which libjpeg-turbo complains as of damage.
 *
 * @returns The file without them; undefined where there are none.
 */
function withoutPadding(bytes: Buffer): Buffer | undefined {
  const end = bytes.lastIndexOf(endMarker);
  let start = end;
  while (start > 0 && bytes[start - 1] === 0) start -= 1;
  return end >= 0 && start < end ? Buffer.concat([bytes.subarray(0, start), endMarker]) : undefined;
}

/**
 * Places to unpack pictures in, used again: memory that is new for each picture costs as much as its resizing, in
 * pages to be zeroed and in garbage collections.
 */
const places: Buffer[] = [];
/** As many as are kept, of 4 MiB each at most; only what pictures have touched of them takes memory. */
const keptPlaces = 8;

async function unpack(
  bytes: Buffer,
  header: JpegHeader,
  thread: DecodingThread,
): Promise<Transformer | 'damaged' | 'foreign'> {
  const place = places.pop() ?? Buffer.allocUnsafeSlow(4 * mostPlainPixels);
  try {
    const here = thread === 'own' ? unpackHere(bytes, place) : undefined;
    const unpacking = here ?? startUnpacking(bytes, place);
    if (unpacking === undefined) return 'foreign';
    const { data, width, height } = await unpacking;
    // The limit on pixels was checked with the header that was read here.
    if (width !== header.width || height !== header.height) return 'damaged';
    // It copies the pixels, so that the place is free again.
    return Transformer.fromRgbaPixels(data, width, height);
  } catch {
    return 'damaged';
  } finally {
    if (places.length < keptPlaces) places.push(place);
  }
}

/** It reads the header at once, and throws for one that it doesn't know; damage is found later, on another thread. */
function startUnpacking(bytes: Buffer, place: Buffer): Promise<DecompressReturn> | undefined {
  try {
    return decompress(bytes, place, { format: FORMAT_RGBA });
  } catch {
    return undefined;
  }
}

/** Undefined for what fails: whether it is damaged or of another kind, only {@link startUnpacking} tells. */
function unpackHere(bytes: Buffer, place: Buffer): DecompressReturn | undefined {
  try {
    return decompressSync(bytes, place, { format: FORMAT_RGBA });
  } catch {
    return undefined;
  }
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

/** The same bytes as 32-bit numbers, on the little-endian machines that Node runs on. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** Copies resized RGBA pixels, in the order that they were stored in, to their place on a black RGB canvas, upright. */
function placed(
  rgba: Uint8Array,
  { canvas, left, top, columns, rows }: Placement,
  { swapped, mirrored, flipped }: Turn,
): Uint8Array {
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  // A whole pixel at once, its red in the lowest byte: three reads of a byte take twice the time.
  const colours = wordsOf(rgba);
  // How far the next column, and the next row, of what is shown is away in what is stored.
  const [right, below] = swapped ? [rows, 1] : [1, columns];
  const along = mirrored ? -right : right;
  const downward = flipped ? -below : below;
  const first = (mirrored ? columns - 1 : 0) * right + (flipped ? rows - 1 : 0) * below;
  const start = Math.max(0, left);
  const end = Math.min(canvas.width, left + columns);
  for (let y = Math.max(0, top); y < Math.min(canvas.height, top + rows); y += 1) {
    let from = first + (y - top) * downward + (start - left) * along;
    let to = (y * canvas.width + start) * 3;
    for (let x = start; x < end; x += 1) {
      const colour = colours[from] ?? 0;
      pixels[to] = colour;
      pixels[to + 1] = colour >>> 8;
      pixels[to + 2] = colour >>> 16;
      from += along;
      to += 3;
    }
  }
  return pixels;
}
