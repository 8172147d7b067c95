import { deflateRawSync } from 'node:zlib';
import { describe, it } from '@jest/globals';
import { type ZipPart, type ZipShape, zipOf } from '../../support/archives';
import { type BadArchive, type BadEntry, expectNamed, expectRefused } from '../../support/bad-archives';

const good = Buffer.from('the bytes of a good picture');
const zeros = Buffer.alloc(70 * 1024 * 1024);
const zip = (parts: readonly ZipPart[], shape?: ZipShape): Buffer =>
  zipOf([{ name: 'cat/good.jpg', bytes: good }, ...parts], shape);
const many = (count: number): ZipPart[] =>
  Array.from({ length: count }, (_, index) => ({ name: `dog/${index}.jpg`, bytes: good }));

const entries: readonly BadEntry[] = [
  ...(
    [
      ['a parent folder', '../../evil.jpg', /"\.\."/],
      ['a parent folder within', 'cat/../../evil.jpg', /"\.\."/],
      ['an absolute path', '/etc/cron.d/evil.jpg', /absolute/],
      ['a drive letter', 'C:/evil.jpg', /drive letter/],
      ['backslashes', 'cat\\..\\evil.jpg', /backslash/],
      ['a NUL', 'cat/a.jpg\0.exe', /NUL/],
      ['a line break', 'cat/a\n.jpg', /control character/],
      ['a segment of 300 bytes', `cat/${'x'.repeat(300)}.jpg`, /longer than 255/],
      ['2,000 bytes', `${'cat/'.repeat(500)}a.jpg`, /longer than 1024/],
      ['no letters', '', /empty/],
    ] as const
  ).map(([kind, name, says]) => ({
    kind: `a zip entry's name with ${kind}`,
    file: 'set.zip',
    bytes: () => zip([{ name, bytes: good }]),
    path: encodeURIComponent(name),
    type: 'path-refused' as const,
    says,
  })),
  {
    kind: 'a zip name that is no UTF-8, and says that it is',
    file: 'set.zip',
    bytes: () => zip([{ name: Buffer.from([0x63, 0xff, 0xfe, 0x2e, 0x6a]), bytes: good }]),
    path: encodeURIComponent('c\ufffd\ufffd.j'),
    type: 'path-refused',
    says: /not valid Unicode/,
  },
  ...(
    [
      ['a symbolic link', 0o120777, /symbolic link/],
      ['a device', 0o020644, /device/],
      ['a pipe', 0o010644, /pipe/],
      ['a socket', 0o140644, /socket/],
    ] as const
  ).map(([kind, mode, says]) => ({
    kind: `${kind} in a zip`,
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: Buffer.from('/etc/passwd'), mode }]),
    path: 'cat/odd.jpg',
    type: 'path-refused' as const,
    says,
  })),
  {
    kind: 'an encrypted entry',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, flags: 0x801 }]),
    path: 'cat/odd.jpg',
    type: 'path-refused',
    says: /encrypted/,
  },
  {
    kind: 'a compression method that is not supported',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, method: 93 }]),
    path: 'cat/odd.jpg',
    type: 'path-refused',
    says: /method 93/,
  },
  {
    kind: 'a wrong checksum',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, crc: 12345 }]),
    path: 'cat/odd.jpg',
    says: /checksum/,
  },
  {
    kind: 'an entry of 70 MiB that declares 100 bytes',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', packed: deflateRawSync(zeros).subarray(0, 4000), size: 100 }]),
    path: 'cat/odd.jpg',
    says: /more than the 100 bytes it declares/,
  },
  {
    kind: 'an entry that declares more than it holds',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, size: 5000 }]),
    path: 'cat/odd.jpg',
    says: /27 bytes, and declares 5000/,
  },
  {
    kind: 'a stored entry of two sizes',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, method: 0, size: 5 }]),
    path: 'cat/odd.jpg',
    type: 'path-refused',
    says: /cannot be/,
  },
  {
    kind: 'bytes that cannot be inflated',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, packed: Buffer.alloc(40, 0xff) }]),
    path: 'cat/odd.jpg',
    says: /cannot be unpacked/,
  },
  {
    kind: 'an entry that is not where the directory says',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, localSignature: 0 }]),
    path: 'cat/odd.jpg',
    says: /no entry where/,
  },
  {
    kind: 'an entry beyond the end of the archive',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/odd.jpg', bytes: good, at: 1_000_000 }]),
    path: 'cat/odd.jpg',
    says: /ends within it/,
  },
  {
    kind: 'a zip in a zip',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/more.zip', bytes: zip([]) }]),
    path: 'cat/more.zip',
    says: /archive inside the source/,
  },
  {
    kind: 'a zip entry of 70 MiB',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/big.jpg', bytes: Buffer.alloc(70 * 1024 * 1024), method: 0 }]),
    path: 'cat/big.jpg',
    type: 'picture-too-large',
    says: /at most 67108864/,
  },
  {
    kind: 'two zip entries of one name',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/good.jpg', bytes: Buffer.from('another') }]),
    path: 'cat/good.jpg (entry 2)',
    type: 'path-refused',
    says: /second entry/,
  },
];

describe('a bad entry of a zip is named, and the others are taken', () => {
  it.each(entries)('$kind', expectNamed);
});

const archives: readonly BadArchive[] = [
  { kind: 'an empty file', file: 'set.zip', bytes: () => Buffer.alloc(0), says: /damaged or cut off/ },
  {
    kind: 'a web page by the name of a zip',
    file: 'set.zip',
    bytes: () => Buffer.from('<html>'),
    says: /damaged/,
  },
  { kind: 'a zip without its end', file: 'set.zip', bytes: () => zip([]).subarray(0, -30), says: /cut off/ },
  {
    kind: 'a zip with bytes behind its end',
    file: 'set.zip',
    bytes: () => Buffer.concat([zip([]), Buffer.from('more')]),
    says: /comment length/,
  },
  {
    kind: 'a directory that is none',
    file: 'set.zip',
    bytes: () => zip([], { directorySignature: 7 }),
    says: /damaged/,
  },
  {
    kind: 'a directory of fewer entries than it says',
    file: 'set.zip',
    bytes: () => zip([], { count: 9 }),
    says: /damaged/,
  },
  {
    kind: 'a directory of more entries than it says',
    file: 'set.zip',
    bytes: () => zip(many(3), { count: 2 }),
    says: /more entries than it says/,
  },
  {
    kind: 'strong encryption',
    file: 'set.zip',
    bytes: () => zip([{ name: 'a', flags: 0x41 }]),
    says: /encryption/,
  },
  {
    kind: 'entries made of the same bytes',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/good.jpg', bytes: good, at: 0, isOnlyListed: true }]),
    says: /overlap/,
  },
  {
    kind: 'entries one inside the other',
    file: 'set.zip',
    bytes: () =>
      zip([{ name: 'cat/inner.jpg', bytes: Buffer.from('ood'), method: 0, at: 20, isOnlyListed: true }]),
    says: /overlap/,
  },
  {
    kind: 'more entries than allowed',
    file: 'set.zip',
    bytes: () => zip(many(20)),
    limits: { files: 10 },
    says: /FILES/,
  },
  {
    kind: 'a zip that declares more than may be unpacked',
    file: 'set.zip',
    bytes: () => zip([{ name: 'a.jpg', size: 4_000_000_000 }]),
    says: /DROVER_MAX_UNPACKED_BYTES/,
  },
  {
    kind: 'a zip bomb',
    file: 'set.zip',
    bytes: () => zip([{ name: 'cat/bomb.jpg', bytes: zeros }]),
    says: /100 times its size/,
  },
];

describe('a zip that cannot be trusted is refused as a whole', () => {
  it.each(archives)('$kind', expectRefused);
});
