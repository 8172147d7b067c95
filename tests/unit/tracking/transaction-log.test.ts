import { describe, expect, it } from '@jest/globals';
import { encodeTransactionLog } from '../../../lib/tracking/wandb/transaction-log';

const blockBytes = 32_768;

interface Piece {
  readonly at: number;
  readonly type: number;
  readonly length: number;
}

/** Reads a log by LevelDB's description of it, without regard to checksums. */
function piecesOf(log: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 7; at < log.length;) {
    const room = blockBytes - (at % blockBytes);
    if (room < 7) {
      expect(log.subarray(at, at + room).every((byte) => byte === 0)).toBe(true);
      at += room;
      continue;
    }
    const length = log.readUInt16LE(at + 4);
    pieces.push({ at, type: log.readUInt8(at + 6), length });
    expect(7 + length).toBeLessThanOrEqual(room);
    at += 7 + length;
  }
  return pieces;
}

function joined(log: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let begun: Buffer[] = [];
  for (const { at, type, length } of piecesOf(log)) {
    const bytes = log.subarray(at + 7, at + 7 + length);
    expect(begun.length > 0).toBe(type === 3 || type === 4);
    begun.push(bytes);
    if (type === 2 || type === 3) continue;
    records.push(Buffer.concat(begun));
    begun = [];
  }
  expect(begun).toEqual([]);
  return records;
}

describe('a W&B transaction log', () => {
  it('begins with its head, and has each record with its checksum, length and type', () => {
    // CRC-32 of 0x01 and `drover`, by Python's zlib: 0xbed4566c.
    expect(encodeTransactionLog([Buffer.from('drover')]).toString('hex')).toBe(
      `${Buffer.from(':W&B').toString('hex')}e1be006c56d4be060001${Buffer.from('drover').toString('hex')}`,
    );
  });

  it.each([
    0, 1, 32_747, 32_748, 32_753, 32_754, 32_755, 32_756, 32_760, 32_761, 32_762, 65_515, 65_522, 200_000,
  ])('holds a record of %d bytes between two others, whatever blocks it crosses', (length) => {
    const records = [
      Buffer.from('one'),
      Buffer.alloc(length, 7),
      Buffer.from('three'),
      Buffer.alloc(40_000, 9),
    ];
    const read = joined(encodeTransactionLog(records));
    expect(read.map((record) => record.length)).toEqual(records.map((record) => record.length));
    expect(read.every((record, index) => record.equals(records[index]!))).toBe(true);
  });
});
