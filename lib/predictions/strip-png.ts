import { crc32 } from 'node:zlib';
import { exifOfOrientation, orientationOf } from './orientation';

const signatureLength = 8;
/** Of the chunks that a decoder may ignore, those that say how the pixels are meant (PNG, third edition, 11.3), and APNG's. */
const keptChunks = new Set(
  'tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(' '),
);

/** A PNG with the chunks alone that its pixels need, and its orientation where it isn't upright. */
export function strippedPng(bytes: Buffer): Buffer {
  const kept: Buffer[] = [bytes.subarray(0, signatureLength)];
  let isChanged = false;
  for (let at = signatureLength; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return bytes;
    const chunk = bytes.subarray(at, end);
    const type = chunk.toString('latin1', 4, 8);
    const replaced = type === 'eXIf' ? orientationChunk(chunk) : chunk;
    // A capital at the beginning: no picture without it.
    if (/^[A-Z]/.test(type) || keptChunks.has(type)) kept.push(chunk);
    else if (type === 'eXIf' && replaced !== undefined) kept.push(replaced);
    else isChanged = true;
    isChanged ||= replaced !== chunk;
    at = end;
    if (type === 'IEND') return isChanged || end < bytes.length ? Buffer.concat(kept) : bytes;
  }
  return bytes;
}

function orientationChunk(exif: Buffer): Buffer | undefined {
  const orientation = orientationOf(exif.subarray(8, -4));
  if (orientation === 1) return undefined;
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), exifOfOrientation(orientation)]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
