import { maskedCrc32c } from './crc32c';

const headBytes = 12;
const footBytes = 4;

/**
 * Records as a TFRecord file: each has its length (uint64, little-endian), the length's masked CRC-32C, its bytes and
 * their masked CRC-32C.
 *
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function encodeRecords(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat(records.flatMap((record) => [headOf(record), record, footOf(record)]));
}

function headOf(record: Uint8Array): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeBigUInt64LE(BigInt(record.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  return head;
}

function footOf(record: Uint8Array): Buffer {
  const foot = Buffer.alloc(footBytes);
  foot.writeUInt32LE(maskedCrc32c(record));
  return foot;
}

/** @throws Error where the bytes are cut off or a checksum is another */
export function decodeRecords(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = bytes.subarray(at, at + headBytes);
    if (head.length < headBytes || head.readUInt32LE(8) !== maskedCrc32c(head.subarray(0, 8)))
      throw damaged(at);
    const begin = at + headBytes;
    const end = begin + Number(head.readBigUInt64LE());
    if (end + footBytes > bytes.length) throw damaged(at);
    const record = bytes.subarray(begin, end);
    if (bytes.readUInt32LE(end) !== maskedCrc32c(record)) throw damaged(at);
    records.push(record);
    at = end + footBytes;
  }
  return records;
}

function damaged(at: number): Error {
  return new Error(`A file of TensorBoard events is damaged at byte ${at}. Remove it.`);
}
