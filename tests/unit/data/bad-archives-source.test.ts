import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure, type FailureType } from '../../../contracts/failures';
import { openSource } from '../../../lib/data/sources/open-source';
import type { SourceLimits } from '../../../lib/data/sources/source';
import { paxRecord, type TarPart, tarOf, type ZipPart, type ZipShape, zipOf } from '../../support/archives';
import { sourceOptionsFor } from '../../support/source-options';

let root: string;
let project: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-archive-'));
  project = path.join(root, 'a', 'b', 'project');
  await mkdir(project, { recursive: true });
});

afterEach(() => rm(root, { recursive: true, force: true }));

const good = Buffer.from('the bytes of a good picture');
const zeros = Buffer.alloc(70 * 1024 * 1024);
const zip = (parts: readonly ZipPart[], shape?: ZipShape): Buffer =>
  zipOf([{ name: 'cat/good.jpg', bytes: good }, ...parts], shape);
const tar = (parts: readonly TarPart[], end?: { readonly hasEnd: boolean }): Buffer =>
  tarOf([{ name: 'cat/good.jpg', bytes: good }, ...parts], end);

interface Read {
  readonly taken: readonly string[];
  readonly refused: ReadonlyMap<string, Failure>;
}

async function read(name: string, bytes: Buffer, limits?: Partial<SourceLimits>): Promise<Read> {
  await writeFile(path.join(project, name), bytes);
  const options = sourceOptionsFor(project);
  const source = await openSource({ uri: name }, { ...options, limits: { ...options.limits, ...limits } });
  const taken: string[] = [];
  const refused = new Map<string, Failure>();
  try {
    for await (const picture of source.pictures()) {
      try {
        await picture.bytes();
        taken.push(picture.path);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        refused.set(picture.path, error as Failure);
      }
    }
  } finally {
    // Nothing was unpacked, here or anywhere near.
    expect(await readdir(root, { recursive: true })).toEqual(
      expect.arrayContaining(['a', 'a/b', 'a/b/project', `a/b/project/${name}`]),
    );
    expect(await readdir(root, { recursive: true })).toHaveLength(4);
  }
  return { taken, refused };
}

interface Named {
  readonly kind: string;
  readonly file: string;
  readonly bytes: () => Buffer;
  /** The path under which it is reported. */
  readonly path: string;
  readonly type?: FailureType;
  readonly says: RegExp;
}

/** Bad entries of archives that are otherwise good. */
const named: readonly Named[] = [
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

describe('a bad entry of an archive is named, and the others are taken', () => {
  it.each(named)('$kind', async ({ file, bytes, path: at, type = 'picture-unreadable', says }) => {
    const { taken, refused } = await read(file, bytes());
    expect(taken).toEqual(['cat/good.jpg']);
    const [[reported, failure] = ['nothing', undefined]] = [...refused];
    expect(failure?.message).toMatch(says);
    expect(failure?.type).toBe(type);
    // A name that is refused is shown as one segment of plain characters, cut off where it is long.
    expect(reported.startsWith(at.slice(0, 100))).toBe(true);
    expect(reported.length).toBeLessThanOrEqual(120);
    expect(refused.size).toBe(1);
  });
});

interface Whole {
  readonly kind: string;
  readonly file: string;
  readonly bytes: () => Buffer;
  readonly limits?: Partial<SourceLimits>;
  readonly says: RegExp;
}

const many = (count: number): ZipPart[] =>
  Array.from({ length: count }, (_, index) => ({ name: `dog/${index}.jpg`, bytes: good }));

/** Archives that are not to be trusted as a whole. */
const wholes: readonly Whole[] = [
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
    bytes: () => tar(many(20).map(({ name }) => ({ name: String(name) }))),
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

describe('an archive that cannot be trusted is refused as a whole', () => {
  it.each(wholes)('$kind', async ({ file, bytes, limits, says }) => {
    const failure = await read(file, bytes(), limits).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ type: 'source-invalid', message: expect.stringMatching(says) });
  });

  it('and takes little memory doing so', async () => {
    const bomb = gzipSync(tar([{ name: 'bomb.jpg', bytes: Buffer.alloc(400 * 1024 * 1024) }]));
    const before = process.memoryUsage().arrayBuffers;
    await read('set.tar.gz', bomb).catch(() => undefined);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  });
});
