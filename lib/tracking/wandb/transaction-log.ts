import { crc32 } from 'node:zlib';

/** `:W&B`, a magic number and a version. */
const fileHead = Buffer.from([0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]);
const blockBytes = 32_768;
const headBytes = 7;
const types = { whole: 1, first: 2, middle: 3, last: 4 } as const;

/**
 * Records as a W&B transaction log: LevelDB's log format in blocks of 32 KiB, each piece with its CRC-32 (zlib's, over
 * type and bytes), length and type, after a head of W&B's own.
 *
 * @see https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
export function encodeTransactionLog(records: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [fileHead];
  let at = fileHead.length;
  for (const record of records) {
    let from = 0;
    do {
      let room = blockBytes - (at % blockBytes);
      if (room < headBytes) {
        parts.push(Buffer.alloc(room));
        at += room;
        room = blockBytes;
      }
      const to = Math.min(record.length, from + room - headBytes);
      const piece = record.subarray(from, to);
      parts.push(headOf(piece, typeOf(from === 0, to === record.length)), piece);
      at += headBytes + piece.length;
      from = to;
    } while (from < record.length);
  }
  return Buffer.concat(parts);
}

function typeOf(isFirst: boolean, isLast: boolean): number {
  if (isFirst) return isLast ? types.whole : types.first;
  return isLast ? types.last : types.middle;
}

function headOf(piece: Uint8Array, type: number): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(crc32(piece, crc32(Uint8Array.of(type))));
  head.writeUInt16LE(piece.length, 4);
  head.writeUInt8(type, 6);
  return head;
}
