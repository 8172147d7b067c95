import { endMarker, readJpegHeader } from '../images/jpeg/header';
import { exifOfOrientation } from './orientation';

/** ITU-T T.81, table B.1. */
const marker = {
  ...{ sof0: 0xc0, rst0: 0xd0, eoi: 0xd9, sos: 0xda, com: 0xfe },
  ...{ app0: 0xe0, app1: 0xe1, app2: 0xe2, app14: 0xee, app15: 0xef },
} as const;

/** Of the segments for applications, those that say how the pixels are meant, by how they begin. */
const keptSegments: ReadonlyMap<number, string> = new Map([
  [marker.app0, 'JFIF\0'],
  [marker.app2, 'ICC_PROFILE\0'],
  [marker.app14, 'Adobe'],
]);

/** A JPEG with the segments alone that its pixels need, and its orientation where it isn't upright. */
export function strippedJpeg(bytes: Buffer): Buffer {
  const scan = scanOf(bytes);
  if (scan === undefined) return bytes;
  const end = endOf(bytes, scan.at);
  const kept = scan.segments.filter(isKept);
  if (kept.length === scan.segments.length && end === bytes.length) return bytes;
  // Only where there may be one: to read a header takes as long as all the rest.
  const orientation = scan.segments.some(isExif) ? (readJpegHeader(bytes)?.orientation ?? 1) : 1;
  const turned = orientation === 1 ? [] : [orientationSegment(orientation)];
  return Buffer.concat([bytes.subarray(0, 2), ...turned, ...kept, bytes.subarray(scan.at, end)]);
}

/** The segments before the first scan, and where that begins; undefined where they don't follow one another as they should. */
function scanOf(bytes: Buffer): { readonly segments: readonly Buffer[]; readonly at: number } | undefined {
  const segments: Buffer[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const code = bytes[at + 1] ?? 0;
    if (code === marker.sos) return { segments, at };
    // Any number of these may stand before a marker.
    if (code === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    const isAlone = code < marker.sof0 || (code >= marker.rst0 && code <= marker.eoi);
    if (isAlone || end < at + 4 || end > bytes.length) return undefined;
    segments.push(bytes.subarray(at, end));
    at = end;
  }
  return undefined;
}

function isExif(segment: Buffer): boolean {
  return segment.readUInt8(1) === marker.app1;
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

function orientationSegment(orientation: number): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifOfOrientation(orientation)]);
  const start = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([start, body]);
}
