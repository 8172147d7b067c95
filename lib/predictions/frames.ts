import { crc32 } from 'node:zlib';

/** A record as a segment holds it. */
export interface Frame {
  readonly kind: 'prediction' | 'feedback';
  /** The record as JSON, on one line. */
  readonly json: Buffer;
  readonly picture?: {
    /** What it is called in a batch: its digest and its format, `<sha256>.jpeg`. */
    readonly name: string;
    readonly bytes: Uint8Array;
  };
}

/** "DPF1": Drover's prediction frame, the first of its kind. */
const magic = 0x44504631;
const kinds = ['prediction', 'feedback'] as const;

/**
 * A frame's header, big-endian: magic, kind (a byte), length of the picture's name (a byte), two zeros, length of the JSON,
 * length of the picture, CRC-32 of all that but itself and of what follows: JSON, name, picture.
 */
const headerBytes = 20;
const checkedBytes = 16;

/** The frame in pieces that are written one after the other: a picture isn't copied for it. */
export function encodeFrame({ kind, json, picture }: Frame): readonly Uint8Array[] {
  const name = Buffer.from(picture?.name ?? '', 'latin1');
  const bytes = picture?.bytes ?? new Uint8Array();
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(magic, 0);
  header.writeUInt8(kinds.indexOf(kind), 4);
  header.writeUInt8(name.length, 5);
  header.writeUInt32BE(json.length, 8);
  header.writeUInt32BE(bytes.length, 12);
  header.writeUInt32BE(checksum([header.subarray(0, checkedBytes), json, name, bytes]), checkedBytes);
  return [header, json, name, bytes];
}

function checksum(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => crc32(piece, sum), 0);
}

/** What a segment holds. */
export interface Frames {
  readonly frames: readonly Frame[];
  /** Bytes at the end that are no whole frame: of a write that a kill or a full disk cut off. */
  readonly cut: number;
}

/** Takes a segment apart, up to where it was cut off; the frames share its memory. */
export function decodeFrames(segment: Buffer): Frames {
  const frames: Frame[] = [];
  let at = 0;
  while (at < segment.length) {
    const found = frameAt(segment, at);
    if (found === undefined) break;
    frames.push(found.frame);
    at = found.end;
  }
  return { frames, cut: segment.length - at };
}

function frameAt(segment: Buffer, at: number): { frame: Frame; end: number } | undefined {
  if (at + headerBytes > segment.length || segment.readUInt32BE(at) !== magic) return undefined;
  const kind = kinds[segment.readUInt8(at + 4)];
  const nameAt = at + headerBytes + segment.readUInt32BE(at + 8);
  const pictureAt = nameAt + segment.readUInt8(at + 5);
  const end = pictureAt + segment.readUInt32BE(at + 12);
  if (kind === undefined || end > segment.length) return undefined;
  const checked = [segment.subarray(at, at + checkedBytes), segment.subarray(at + headerBytes, end)];
  if (checksum(checked) !== segment.readUInt32BE(at + checkedBytes)) return undefined;
  const name = segment.toString('latin1', nameAt, pictureAt);
  const json = segment.subarray(at + headerBytes, nameAt);
  return {
    frame: {
      kind,
      json,
      ...(name !== '' && { picture: { name, bytes: segment.subarray(pictureAt, end) } }),
    },
    end,
  };
}
