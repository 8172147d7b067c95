import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeptFeedback, KeptPicture, KeptPrediction } from '../../contracts/schemas/kept-predictions';
import { type PictureFormat, readSignature } from '../images/signature';
import type { SpoolCounts } from './counts';
import { encodeFrame, type Frame } from './frames';
import { Segment, type WritePieces, writePieces } from './segment';
import { withoutMetadata } from './strip-metadata';

/** A record as it comes; what is said of its picture, the spool says itself. */
export type SpooledRecord = Omit<KeptPrediction, 'picture'> | KeptFeedback;

export interface Spool {
  /**
   * Keeps a record, and the picture that it is about, but for one whose metadata cannot be taken out. It takes some tens of microseconds,
   * and never throws: an answer must not fail for it. What it returned true for outlasts the process, however that ends (a power cut may take the last seconds).
   *
   * @returns false where it isn't kept: `counts` says why.
   */
  keep(record: SpooledRecord, picture?: Uint8Array): boolean;
  /** Hands over what was kept last. Nothing is kept afterwards. */
  close(): void;
}

export interface SpoolOptions {
  /** What is kept of an answer. Feedback is kept but for `off`. */
  readonly keep: 'off' | 'answers' | 'pictures';
  /** Of predictions, the share that is kept, in [0, 1]; which ones, their ids decide. */
  readonly share: number;
  /** Whether pictures are kept with what cameras write into them, such as places. */
  readonly exif: boolean;
  /** Bytes that may wait in the folder; all threads and processes together, to within a few segments. */
  readonly maxBytes: number;
  /** Of this process, shared with whoever ships. */
  readonly counts: SpoolCounts;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly write?: WritePieces;
}

/** A segment is closed when it has so many bytes, or is so old: then it is shipped. More would hold up the thread that ships. */
const segmentBytes = 4 * 2 ** 20;
/** Milliseconds. What is older by much more is taken for a leftover of a thread that ended: see `spool-folder.ts`. */
export const segmentMs = 5_000;
/** After a failed write, for so long nothing is tried: a disk stays full longer than the next answer takes. */
const pauseMs = 1_000;

/**
 * Opens a spool for one thread: no two may use one object, but any number may have one of their own in the same folder.
 * Nothing is read or written before the first record.
 *
 * @param folder - made where it is not there.
 */
export function openSpool(folder: string, options: SpoolOptions): Spool {
  const { counts, now = Date.now, write = writePieces } = options;
  let segment: Segment | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failedAt = -Infinity;
  let closed = false;

  function closeSegment(): void {
    clearTimeout(timer);
    segment?.close();
    segment = undefined;
  }

  function currentSegment(): Segment {
    // By the clock, not by the timer: a machine that slept must not go on with a segment that others take for left over.
    if (segment !== undefined && Math.abs(now() - segment.begun) >= segmentMs) closeSegment();
    if (segment === undefined) {
      segment = new Segment(folder, now(), write);
      timer = setTimeout(closeSegment, segmentMs).unref();
    }
    return segment;
  }

  function append(frame: Frame): boolean {
    if (Math.abs(now() - failedAt) < pauseMs) return dropped('disk');
    const pieces = encodeFrame(frame);
    const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    if (counts.get('waiting') + length > options.maxBytes) return dropped('full');
    try {
      currentSegment().append(pieces, length);
    } catch {
      failedAt = now();
      segment?.trim();
      closeSegment();
      return dropped('disk');
    }
    counts.add('waiting', length);
    counts.add('kept', 1);
    if (segment !== undefined && segment.bytes >= segmentBytes) closeSegment();
    return true;
  }

  function dropped(why: 'full' | 'disk'): false {
    counts.add(why, 1);
    return false;
  }

  return {
    keep(record, picture) {
      if (closed || options.keep === 'off') return false;
      if (record.kind === 'prediction' && !isInShare(record.id, options.share)) {
        counts.add('passed', 1);
        return false;
      }
      const isPictureKept = record.kind === 'prediction' && options.keep === 'pictures';
      return append(frameOf(record, isPictureKept ? picture : undefined, options.exif));
    },
    close() {
      closed = true;
      closeSegment();
    },
  };
}

/** The same for an id wherever it is asked: an answer that was computed twice is kept twice, or not at all. */
function isInShare(id: string, share: number): boolean {
  return crc32(id) / 2 ** 32 < share;
}

function frameOf(record: SpooledRecord, sent: Uint8Array | undefined, exif: boolean): Frame {
  const format = (sent && readSignature(sent).format) ?? 'bin';
  const bytes = exif ? sent : sent && strippedOrNone(sent, format);
  if (bytes === undefined || bytes.byteLength === 0) {
    return { kind: record.kind, json: Buffer.from(JSON.stringify(record)) };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const picture: KeptPicture = { sha256, bytes: bytes.byteLength, format };
  return {
    kind: record.kind,
    json: Buffer.from(JSON.stringify({ ...record, picture })),
    picture: { name: pictureName(picture), bytes },
  };
}

/** Undefined where it fails: rather no picture than one with what was to be taken out, and no answer fails for it. */
function strippedOrNone(sent: Uint8Array, format: PictureFormat | 'bin'): Uint8Array | undefined {
  try {
    return withoutMetadata(sent, format);
  } catch {
    return undefined;
  }
}

/** What a picture is called in a batch. */
export function pictureName({ sha256, format }: KeptPicture): string {
  return `${sha256}.${format}`;
}
