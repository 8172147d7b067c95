import { crc32, deflateSync } from 'node:zlib';
import type { LoadPicture } from '../../lib/load/picture-requests';
import { createRandom } from '../../lib/random';
import type { RequestKind } from './clients';

function pngChunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** A PNG of some bytes, whole but for its pixels, whose header promises 60,000 × 60,000 of them. */
function bombHeader(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(60_000, 0);
  header.writeUInt32BE(60_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(1000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
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
    {
      name: 'cut JPEG',
      field: 'image',
      bytes: first.bytes.subarray(0, first.bytes.length >> 1),
      isGood: false,
    },
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
