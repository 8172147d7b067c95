import { exifOfOrientation, orientationOf } from './orientation';

/** WebP Container Specification (RFC 9649, 2.5 to 2.7): `RIFF`, a length, `WEBP`, then chunks padded to even lengths. */
const headerLength = 12;
const keptChunks = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** In the first byte of `VP8X`. */
const flags = { exif: 0x08, xmp: 0x04 };
const leastVp8x = 10;

/** A WebP with the chunks alone that its pixels need, and its orientation where it isn't upright. */
export function strippedWebp(bytes: Buffer): Buffer {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) return bytes;
  const kept: Buffer[] = [];
  let isChanged = end < bytes.length;
  let orientation = 1;
  for (let at = headerLength; at < end;) {
    if (at + 8 > end) return bytes;
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    if (at + 8 + length > end) return bytes;
    // One that is too short for its flags makes decoders refuse the picture where it leads, and is passed over behind the pixels.
    const isKept = keptChunks.has(type) && (type !== 'VP8X' || length >= leastVp8x);
    if (isKept) kept.push(bytes.subarray(at, Math.min(next, end)));
    else isChanged = true;
    if (type === 'EXIF') orientation = orientationOf(bytes.subarray(at + 8, at + 8 + length));
    at = next;
  }
  if (!isChanged) return bytes;
  if (orientation !== 1) kept.push(chunkOf('EXIF', exifOfOrientation(orientation)));
  return riff(kept.map((chunk) => withFlags(chunk, orientation)));
}

/** `VP8X` says which other chunks there are. */
function withFlags(chunk: Buffer, orientation: number): Buffer {
  if (chunk.toString('latin1', 0, 4) !== 'VP8X') return chunk;
  const changed = Buffer.from(chunk);
  const others = changed.readUInt8(8) & ~(flags.exif | flags.xmp);
  changed.writeUInt8(others | (orientation === 1 ? 0 : flags.exif), 8);
  return changed;
}

function chunkOf(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function riff(chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]);
  const head = Buffer.alloc(8);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
