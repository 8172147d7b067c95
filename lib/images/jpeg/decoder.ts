import {
  type DecodeOptions,
  decompress,
  type DecompressReturn,
  decompressSync,
  FORMAT_GRAY,
  FORMAT_RGB,
} from '@julusian/jpeg-turbo';
import jpegTurboPackage from '@julusian/jpeg-turbo/package.json';
import type { Placement } from '../placement';
import { type Channels, createResizer, type Resizer, type Size } from '../resize/resizer';
import { endMarker, type JpegHeader } from './header';

/** The library that decides the pixels: another version may give others. */
export const jpegDecoderVersion = `jpeg-turbo ${jpegTurboPackage.version}`;

/**
 * A picture of more pixels goes to sharp, which decodes it at a fraction of its size: from here on that saves more than
 * what sharp takes to begin. It bounds what is decoded whole to 3 MiB of RGB, too.
 */
export const mostPlainPixels = 2 ** 20;

/**
 * What came of a plain JPEG: its pixels; `damaged`, where some would be made up; or `foreign`, where the decoder does not
 * know its kind (of subsampling, for one), which says nothing against it.
 */
export type PlainJpeg = Uint8Array | 'damaged' | 'foreign';

/** Where a picture is decoded: on the thread that asks, or on libuv's, so that several are at once. The pixels are the same. */
export type DecodingThread = 'own' | 'pool';

/** Made once for each thread of JavaScript that decodes. */
let resizer: Resizer | undefined;
const mostBytes = 3 * mostPlainPixels;

/**
 * Decodes a plain JPEG with libjpeg-turbo and resizes it with Lanczos 3. Grey is what the file has as its luma: its colours are never
 * unpacked.
 *
 * @param placement - Of the picture as it is shown.
 * @returns Grey or RGB of `placement.canvas`, row by row, upright.
 */
export async function decodePlainJpeg(
  bytes: Buffer,
  header: JpegHeader,
  placement: Placement,
  channels: Channels,
  thread: DecodingThread,
): Promise<PlainJpeg> {
  const { columns, rows } = placement;
  // What `cover` makes of a picture of extreme shape is left to sharp, which keeps no more of it than what is seen.
  if (columns * rows > mostPlainPixels) return 'foreign';
  const turn = turnOf(header.orientation);
  const size = turn.swapped ? { width: rows, height: columns } : { width: columns, height: rows };
  let resized = await decodeTo(size, bytes, header, channels, thread);
  if (resized === 'damaged') {
    const unpadded = withoutPadding(bytes);
    if (unpadded !== undefined) resized = await decodeTo(size, unpadded, header, channels, thread);
  }
  return typeof resized === 'string' ? resized : placed(resized, placement, turn, channels);
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
 * Places to unpack pictures in on other threads, used again: memory that is new for each picture costs as much as its resizing, in
 * pages to be zeroed and in garbage collections.
 */
const places: Buffer[] = [];
/** As many as are kept, of 3 MiB each at most; only what pictures have touched of them takes memory. */
const keptPlaces = 8;

/** Decodes and resizes, turned as it is stored. What one thread resizes stands in one place, so that nothing may be awaited in between. */
async function decodeTo(
  size: Size,
  bytes: Buffer,
  header: JpegHeader,
  channels: Channels,
  thread: DecodingThread,
): Promise<PlainJpeg> {
  resizer ??= createResizer(mostBytes);
  const { place: target } = resizer;
  const options = { format: channels === 1 ? FORMAT_GRAY : FORMAT_RGB };
  const resized = ({ width, height }: Size): PlainJpeg => {
    // The limit on pixels was checked with the header that was read here.
    if (width !== header.width || height !== header.height) return 'damaged';
    return resizer?.resize(header, size, channels) ?? 'foreign';
  };
  const here = thread === 'own' ? unpackHere(bytes, target, options) : undefined;
  if (here !== undefined) return resized(here);
  const place = places.pop() ?? Buffer.allocUnsafeSlow(mostBytes);
  try {
    const unpacking = startUnpacking(bytes, place, options);
    if (unpacking === undefined) return 'foreign';
    const unpacked = await unpacking;
    target.set(place.subarray(0, header.width * header.height * channels));
    return resized(unpacked);
  } catch {
    return 'damaged';
  } finally {
    if (places.length < keptPlaces) places.push(place);
  }
}

/** Undefined for what fails: whether it is damaged or of another kind, only {@link startUnpacking} tells. */
function unpackHere(bytes: Buffer, place: Buffer, options: DecodeOptions): DecompressReturn | undefined {
  try {
    return decompressSync(bytes, place, options);
  } catch {
    return undefined;
  }
}

/** It reads the header at once, and throws for one that it doesn't know; damage is found later, on another thread. */
function startUnpacking(
  bytes: Buffer,
  place: Buffer,
  options: DecodeOptions,
): Promise<DecompressReturn> | undefined {
  try {
    return decompress(bytes, place, options);
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

/** Copies resized pixels, in the order that they were stored in, to their place on a black canvas, upright. */
function placed(
  resized: Uint8Array,
  { canvas, left, top, columns, rows }: Placement,
  { swapped, mirrored, flipped }: Turn,
  channels: Channels,
): Uint8Array {
  const isWhole = columns === canvas.width && rows === canvas.height;
  if (isWhole && !swapped && !mirrored && !flipped) return resized;
  const pixels = new Uint8Array(canvas.width * canvas.height * channels);
  // How far the next column, and the next row, of what is shown is away in what is stored.
  const [right, below] = swapped ? [rows * channels, channels] : [channels, columns * channels];
  const along = mirrored ? -right : right;
  const downward = flipped ? -below : below;
  const first = (mirrored ? columns - 1 : 0) * right + (flipped ? rows - 1 : 0) * below;
  const start = Math.max(0, left);
  const end = Math.min(canvas.width, left + columns);
  for (let y = Math.max(0, top); y < Math.min(canvas.height, top + rows); y += 1) {
    let from = first + (y - top) * downward + (start - left) * along;
    let to = (y * canvas.width + start) * channels;
    if (along === channels) {
      pixels.set(resized.subarray(from, from + (end - start) * channels), to);
      continue;
    }
    for (let x = start; x < end; x += 1) {
      for (let channel = 0; channel < channels; channel += 1)
        pixels[to + channel] = resized[from + channel] ?? 0;
      from += along;
      to += channels;
    }
  }
  return pixels;
}
