import { endMarker, readJpegHeader } from '../images/jpeg/header';

/** ITU-T T.81, table B.1. */
const marker = { sos: 0xda, app0: 0xe0, app2: 0xe2, app14: 0xee, app15: 0xef, com: 0xfe } as const;

/** Of the segments for applications, those that say how the pixels are meant, by how they begin. */
const keptSegments: ReadonlyMap<number, string> = new Map([
  [marker.app0, 'JFIF\0'],
  [marker.app2, 'ICC_PROFILE\0'],
  [marker.app14, 'Adobe'],
]);

/**
 * A JPEG without what does not concern its pixels: EXIF (places, times, cameras, thumbnails), XMP, IPTC, comments, and whatever stands
 * behind its end. Its orientation is kept, and the pixels are not touched, so that it is decoded to the same.
 *
 * @param picture - a JPEG; one that isn't built as it should be is returned as it is, as is whatever can't be told apart.
 */
export function withoutMetadata(picture: Uint8Array): Uint8Array {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
  const header = readJpegHeader(bytes);
  if (header === undefined) return picture;
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  if (header.orientation !== 1) kept.push(orientationSegment(header.orientation));
  let at = 2;
  while (bytes[at + 1] !== marker.sos) {
    // Any number of these may stand before a marker.
    if (bytes[at + 1] === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (isKept(bytes.subarray(at, end))) kept.push(bytes.subarray(at, end));
    at = end;
  }
  kept.push(bytes.subarray(at, endOf(bytes, at)));
  return Buffer.concat(kept);
}

function isKept(segment: Buffer): boolean {
  const code = segment.readUInt8(1);
  if (code === marker.com) return false;
  if (code < marker.app0 || code > marker.app15) return true;
  const beginning = keptSegments.get(code);
  return beginning !== undefined && segment.toString('latin1', 4, 4 + beginning.length) === beginning;
}

/** Neither the code of pixels nor a Huffman table can hold an end marker, so that the first one is it. */
function endOf(bytes: Buffer, scan: number): number {
  const end = bytes.indexOf(endMarker, scan);
  return end === -1 ? bytes.length : end + endMarker.length;
}

/** An APP1 segment whose one entry is the orientation: EXIF 2.32, 4.6.2 and 4.6.4, tag 0x0112, a SHORT. */
function orientationSegment(orientation: number): Buffer {
  const directory = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  directory.writeUInt16BE(orientation, 18);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), directory]);
  const start = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([start, body]);
}
