import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { paxRecord, type TarPart, tarOf } from '../../support/archives';
import {
  type BadArchive,
  type BadEntry,
  expectNamed,
  expectRefused,
  readArchiveFile,
} from '../../support/bad-archives';

const good = Buffer.from('the bytes of a good picture');
const zeros = Buffer.alloc(70 * 1024 * 1024);
const tar = (parts: readonly TarPart[], end?: { readonly hasEnd: boolean }): Buffer =>
  tarOf([{ name: 'cat/good.jpg', bytes: good }, ...parts], end);
const many = (count: number): TarPart[] =>
  Array.from({ length: count }, (_, index) => ({ name: `dog/${index}.jpg`, bytes: good }));

const entries: readonly BadEntry[] = [
  ...(
    [
      ['a hard link', '1', /hard link/],
      ['a symbolic link', '2', /symbolic link/],
      ['a character device', '3', /device/],
      ['a block device', '4', /device/],
      ['a pipe', '6', /pipe/],
      ['a GNU sparse file', 'S', /not supported/],
      ['an entry of a vendor’s kind', 'Z', /not supported/],
    ] as const
  ).map(([kind, type, says]) => ({
    kind: `${kind} in a tar`,
    file: 'set.tar',
    bytes: () => tar([{ name: 'cat/odd.jpg', type, link: '/etc/passwd' }]),
    path: 'cat/odd.jpg',
    type: 'path-refused' as const,
    says,
  })),
  {
    kind: 'a tar entry in a parent folder',
    file: 'set.tar',
    bytes: () => tar([{ name: '../../evil.jpg', bytes: good }]),
    path: encodeURIComponent('../../evil.jpg'),
    type: 'path-refused',
    says: /"\.\."/,
  },
  {
    kind: 'a tar entry that pax renames to an absolute path',
    file: 'set.tar.gz',
    bytes: () =>
      gzipSync(
        tar([
          { name: 'pax', type: 'x', bytes: paxRecord('path', '/etc/evil.jpg') },
          { name: 'cat/nice.jpg', bytes: good },
        ]),
      ),
    path: encodeURIComponent('/etc/evil.jpg'),
    type: 'path-refused',
    says: /absolute/,
  },
  {
    kind: 'a sparse file by pax',
    file: 'set.tar',
    bytes: () =>
      tar([
        { name: 'pax', type: 'x', bytes: paxRecord('GNU.sparse.major', '1') },
        { name: 'cat/odd.jpg', bytes: good },
      ]),
    path: 'cat/odd.jpg',
    type: 'path-refused',
    says: /sparse/,
  },
  {
    kind: 'a tar in a tar',
    file: 'set.tgz',
    bytes: () => gzipSync(tar([{ name: 'cat/more.tar', bytes: tar([]) }])),
    path: 'cat/more.tar',
    says: /archive inside the source/,
  },
  {
    kind: 'a tar entry of 70 MiB',
    file: 'set.tar',
    bytes: () => tar([{ name: 'cat/big.jpg', bytes: zeros }]),
    path: 'cat/big.jpg',
    type: 'picture-too-large',
    says: /at most 67108864/,
  },
  {
    kind: 'two tar entries of one name',
    file: 'set.tar',
    bytes: () => tar([{ name: './cat/good.jpg', bytes: Buffer.from('another') }]),
    path: 'cat/good.jpg (entry 2)',
    type: 'path-refused',
    says: /second entry/,
  },
];

describe('a bad entry of a tar is named, and the others are taken', () => {
  it.each(entries)('$kind', expectNamed);
});

const archives: readonly BadArchive[] = [
  { kind: 'a tar that is none', file: 'set.tar', bytes: () => Buffer.alloc(2048, 'x'), says: /damaged/ },
  { kind: 'an empty tar', file: 'set.tar', bytes: () => Buffer.alloc(0), says: /empty/ },
  {
    kind: 'a header with a wrong checksum',
    file: 'set.tar',
    bytes: () => tar([{ name: 'a', checksum: 1 }]),
    says: /damaged/,
  },
  {
    kind: 'a tar that ends within an entry',
    file: 'set.tar',
    bytes: () => tarOf([{ name: 'cat/good.jpg', bytes: Buffer.alloc(5000, 'x') }]).subarray(0, 3000),
    says: /cut off/,
  },
  {
    kind: 'a tar that ends between two entries',
    file: 'set.tar',
    bytes: () => tar([{ name: 'dog/a.jpg', bytes: Buffer.alloc(512, 'x') }], { hasEnd: false }),
    says: /its end is missing/,
  },
  {
    kind: 'an entry of more bytes than there are on any disk',
    file: 'set.tar',
    bytes: () => tar([{ name: 'a.jpg', size: Buffer.from('8000000000ffffffffffff00', 'hex') }]),
    says: /damaged/,
  },
  {
    kind: 'an entry of fewer bytes than none',
    file: 'set.tar',
    bytes: () => tar([{ name: 'a.jpg', size: Buffer.from('ffffffffffffffffffffff00', 'hex') }]),
    says: /damaged/,
  },
  {
    kind: 'a pax header of a gigabyte',
    file: 'set.tar',
    bytes: () => tar([{ name: 'pax', type: 'x', size: 2 ** 30 }]),
    says: /exceeds max size/,
  },
  {
    kind: 'a long name of a gigabyte',
    file: 'set.tar',
    bytes: () => tar([{ name: '././@LongLink', type: 'L', size: 2 ** 30 }]),
    says: /exceeds max size/,
  },
  {
    kind: 'more tar entries than allowed',
    file: 'set.tar',
    bytes: () => tar(many(20)),
    limits: { files: 10 },
    says: /FILES/,
  },
  {
    kind: 'a gzip that is cut off',
    file: 'set.tgz',
    bytes: () => gzipSync(tar([])).subarray(0, -12),
    says: /cut off/,
  },
  {
    kind: 'a gzip with a wrong checksum',
    file: 'set.tar.gz',
    bytes: () => {
      const bytes = gzipSync(tar([]));
      bytes.writeUInt32LE(7, bytes.length - 8);
      return bytes;
    },
    says: /damaged/,
  },
  {
    kind: 'a gzip bomb',
    file: 'set.tar.gz',
    bytes: () => gzipSync(tar([{ name: 'bomb.jpg', bytes: Buffer.alloc(200 * 1024 * 1024) }])),
    says: /100 times its size/,
  },
  {
    kind: 'a gzip that unpacks to more than allowed',
    file: 'set.tar.gz',
    bytes: () => gzipSync(tar([{ name: 'a.jpg', bytes: Buffer.alloc(300_000) }])),
    limits: { unpacked: 200_000 },
    says: /DROVER_MAX_UNPACKED_BYTES/,
  },
  {
    kind: 'a gzip of something else',
    file: 'set.tgz',
    bytes: () => gzipSync(Buffer.from('no tar')),
    says: /damaged/,
  },
];

describe('a tar that cannot be trusted is refused as a whole', () => {
  it.each(archives)('$kind', expectRefused);

  it('and a bomb takes little memory', async () => {
    const bomb = gzipSync(tar([{ name: 'bomb.jpg', bytes: Buffer.alloc(400 * 1024 * 1024) }]));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 2);
    await readArchiveFile('set.tar.gz', bomb).catch(() => undefined);
    clearInterval(watch);
    expect(most).toBeGreaterThan(0);
    expect(most - before).toBeLessThan(100 * 1024 * 1024);
  });
});
