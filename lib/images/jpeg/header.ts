import { isSrgbProfile } from './srgb-profile';

/** What a JPEG says of itself before its first pixel. */
export interface JpegHeader {
  /** Pixels as stored, before any turn. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation; 1 is upright. */
  readonly orientation: number;
  /** Bits a channel. */
  readonly depth: number;
  readonly channels: number;
  /** Whether it is of the common kind that decoder.ts reads; others go to sharp. */
  readonly plain: boolean;
  /** Whether an end marker follows its pixels. Their code can't hold one, so a file without it was cut off. */
  readonly ended: boolean;
}

/** ITU-T T.81, table B.1. */
const marker = { eoi: 0xd9, sos: 0xda, app1: 0xe1, app2: 0xe2, app14: 0xee } as const;

/** EOI of ITU-T T.81, table B.1. */
export const endMarker: Buffer = Buffer.from([0xff, 0xd9]);

/** Frames with a Huffman code: baseline, extended sequential, progressive. */
const huffmanFrames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);

function isFrame(code: number): boolean {
  // 0xc4 defines Huffman tables, 0xc8 is reserved, and 0xcc defines arithmetic conditioning.
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

function startsWith(segment: Buffer, text: string): boolean {
  return segment.subarray(0, text.length).toString('latin1') === text;
}

/** The orientation in an EXIF segment (a TIFF header and its first directory), or 1. */
export function readOrientation(exif: Buffer): number {
  if (exif.length < 14) return 1;
  const order = exif.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return 1;
  const u16 = (at: number) => (order === 'II' ? exif.readUInt16LE(at) : exif.readUInt16BE(at));
  const u32 = (at: number) => (order === 'II' ? exif.readUInt32LE(at) : exif.readUInt32BE(at));
  const directory = u32(4);
  if (directory + 2 > exif.length) return 1;
  for (let entry = 0; entry < u16(directory); entry += 1) {
    const at = directory + 2 + entry * 12;
    if (at + 12 > exif.length) return 1;
    if (u16(at) === 0x0112) {
      const value = u16(at + 8);
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

/** An ICC profile is cut into numbered segments (ICC.1:2022, B.4); undefined where one is missing. */
function joinProfile(parts: ReadonlyMap<number, Buffer>): Buffer | undefined {
  const ordered = Array.from({ length: parts.size }, (_, index) => parts.get(index + 1));
  return ordered.every((part) => part !== undefined) ? Buffer.concat(ordered) : undefined;
}

/**
 * Reads a JPEG's segments up to its first scan (ITU-T T.81, annex B).
 *
 * @param bytes - A file that begins with a JPEG's signature.
 * @returns undefined where they don't follow one another as they should, or end before a scan.
 */
export function readJpegHeader(bytes: Buffer): JpegHeader | undefined {
  let frame: Pick<JpegHeader, 'width' | 'height' | 'depth' | 'channels'> | undefined;
  let isHuffman = false;
  let orientation: number | undefined;
  let isOddColour = false;
  const profile = new Map<number, Buffer>();

  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const code = bytes[at + 1] ?? 0;
    if (code === 0xff) {
      at += 1;
      continue;
    }
    if (code <= 0x01 || (code >= 0xd0 && code <= marker.eoi)) return undefined;
    if (code === marker.sos) break;
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return undefined;
    const segment = bytes.subarray(at + 4, end);
    if (isFrame(code)) {
      if (frame !== undefined || segment.length < 6) return undefined;
      isHuffman = huffmanFrames.has(code);
      frame = {
        depth: segment.readUInt8(0),
        height: segment.readUInt16BE(1),
        width: segment.readUInt16BE(3),
        channels: segment.readUInt8(5),
      };
    } else if (code === marker.app1 && startsWith(segment, 'Exif\0\0')) {
      orientation ??= readOrientation(segment.subarray(6));
    } else if (code === marker.app2 && startsWith(segment, 'ICC_PROFILE\0') && segment.length >= 14) {
      profile.set(segment.readUInt8(12), segment.subarray(14));
    } else if (code === marker.app14 && startsWith(segment, 'Adobe') && segment.length >= 12) {
      // 1 is YCbCr; 0 is RGB or CMYK as it is, 2 is YCCK.
      isOddColour = segment.readUInt8(11) !== 1;
    }
    at = end;
  }
  if (bytes[at + 1] !== marker.sos || frame === undefined || frame.width === 0 || frame.height === 0) {
    return undefined;
  }

  const whole = joinProfile(profile);
  const plain =
    isHuffman &&
    frame.depth === 8 &&
    (frame.channels === 1 || (frame.channels === 3 && !isOddColour)) &&
    (profile.size === 0 || (frame.channels === 3 && whole !== undefined && isSrgbProfile(whole)));
  return { ...frame, orientation: orientation ?? 1, plain, ended: bytes.lastIndexOf(endMarker) > at };
}
