import { crc32 } from 'node:zlib';
import type { LoadPicture } from '../../lib/load/picture-requests';
import { createRandom } from '../../lib/random';
import type { RequestKind } from './clients';

/** A PNG of some bytes whose header promises 60,000 × 60,000 pixels. */
function bombHeader(): Buffer {
  const header = Buffer.alloc(17);
  header.write('IHDR', 0, 'latin1');
  header.writeUInt32BE(60_000, 4);
  header.writeUInt32BE(60_000, 8);
  header.set([8, 2, 0, 0, 0], 12);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(13);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(header));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), length, header, check]);
}

/** Of a hundred requests. */
const badOnes = 30;

/** Kinds of request in a seeded order: seven of ten with a photograph, the others with what no picture is. */
export function requestKinds(photographs: readonly LoadPicture[]): () => RequestKind {
  const [first] = photographs;
  if (first === undefined) throw new Error('No photographs.');
  const text = Buffer.from('This is no picture.\n'.repeat(50));
  const bad: readonly RequestKind[] = [
    { name: 'text', field: 'image', bytes: text, isGood: false },
    // The headers alone: what is cut later, decoders fill with grey.
    { name: 'cut JPEG', field: 'image', bytes: first.bytes.subarray(0, 200), isGood: false },
    { name: 'wrong field', field: 'photo', bytes: first.bytes, isGood: false },
    { name: 'bomb', field: 'image', bytes: bombHeader(), isGood: false },
  ];
  const random = createRandom(8).fork('requests');
  return () => {
    const photograph = photographs[random.int(photographs.length)] ?? first;
    const good = { name: 'photograph', field: 'image', bytes: photograph.bytes, isGood: true };
    return random.int(100) < badOnes ? (bad[random.int(bad.length)] ?? good) : good;
  };
}
