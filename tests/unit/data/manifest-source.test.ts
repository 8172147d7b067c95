import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { openSource } from '../../../lib/data/sources/open-source';
import type { SourceOptions, SourcePicture } from '../../../lib/data/sources/source';
import { listPictures } from '../../support/pictures';
import { sourceOptionsFor } from '../../support/source-options';
import { startWebServer, type WebServer } from '../../support/web-server';

const times = { connectMs: 1000, headersMs: 300, stallMs: 300, attempts: 2, firstWaitMs: 1 };
let root: string;
let project: string;
let web: WebServer;
let answer: (path: string) => {
  readonly status?: number | undefined;
  readonly body?: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
};

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-manifest-'));
  project = path.join(root, 'project');
  for (const name of ['cat/a.jpg', 'cat/b, "c".jpg', 'dog/ä.jpg']) await put(name);
  answer = () => ({ status: 404 });
  web = await startWebServer((request, response) => {
    const { status = 200, body = '', headers = {} } = answer(request.url ?? '');
    response.writeHead(status, headers).end(body);
  });
});

afterEach(async () => {
  await web.stop();
  await rm(root, { recursive: true, force: true });
});

async function put(name: string, content: string | Buffer = name): Promise<void> {
  await mkdir(path.dirname(path.join(project, name)), { recursive: true });
  await writeFile(path.join(project, name), content);
}

function options(changes: Partial<SourceOptions> = {}): SourceOptions {
  return sourceOptionsFor(project, {
    times,
    ...changes,
    network: { allowedHosts: [web.host], ...changes.network },
  });
}

async function list(
  manifest: string,
  content: string,
  changes?: Partial<SourceOptions>,
): Promise<SourcePicture[]> {
  await put(manifest, content);
  return listPictures(await openSource({ uri: manifest }, options(changes)));
}

const outcome = async (picture: SourcePicture | undefined): Promise<string> =>
  (picture?.bytes() ?? Promise.reject(new Error('there is none'))).then(String, (error: unknown) => {
    expect(error).toBeInstanceOf(Failure);
    return `${(error as Failure).type}: ${(error as Failure).message}`;
  });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a CSV manifest', () => {
  it('gives paths, labels, splits and groups as it says them, quoted or not, with any line ends', async () => {
    const rows = [
      '\ufeffPath,Label,split,group,caption',
      'cat/a.jpg,cat,train,7,"two\r\nlines"',
      '"cat/b, ""c"".jpg",cat,VAL,,',
      '',
      './dog/ä.jpg,dog,test,g,x',
    ];
    for (const end of ['\n', '\r\n']) {
      const found = await list('index.csv', rows.join(end));
      expect(found.map(({ path: at, label, split, group }) => [at, label, split, group])).toEqual([
        ['cat/a.jpg', 'cat', 'train', '7'],
        ['cat/b, "c".jpg', 'cat', 'validation', undefined],
        ['dog/ä.jpg', 'dog', 'test', 'g'],
      ]);
      expect(await Promise.all(found.map(outcome))).toEqual(['cat/a.jpg', 'cat/b, "c".jpg', 'dog/ä.jpg']);
    }
  });

  it('names each wrong row by its line, and takes the others', async () => {
    const found = await list(
      'index.csv',
      [
        'path,label,split,sha256',
        'cat/a.jpg,cat,,',
        'cat/a.jpg,cat,,',
        'too,few',
        '"a\nb",cat,,',
        'dog/ä.jpg,dog,practice,',
        'dog/ä.jpg,dog,,abc',
        ',dog,,',
        'dog/none.jpg,dog,,',
        `dog/ä.jpg,dog,,${sha256('dog/ä.jpg')}`,
        `"cat/b, ""c"".jpg",cat,,${'0'.repeat(64)}`,
      ].join('\n'),
    );
    const said = new Map<string, string>();
    for (const picture of found) said.set(picture.path, await outcome(picture));
    expect([...said].map(([at, what]) => `${at} → ${what}`)).toEqual([
      'cat/a.jpg → cat/a.jpg',
      expect.stringMatching(/^cat\/a.jpg \(line 3\) → path-refused: .*same as line 2/),
      expect.stringMatching(/^line 4 of the manifest → path-refused: .*2 fields, and the header 4/),
      expect.stringMatching(/^line 5 of the manifest → path-refused: .*control character/),
      expect.stringMatching(/^line 7 of the manifest → path-refused: .*split: expected train/),
      expect.stringMatching(/^line 8 of the manifest → path-refused: .*sha256: expected 64/),
      expect.stringMatching(/^line 9 of the manifest → path-refused: .*neither url nor path/),
      expect.stringMatching(/^dog\/none.jpg → picture-unreadable/),
      'dog/ä.jpg → dog/ä.jpg',
      expect.stringMatching(/^cat\/b, "c".jpg → picture-unreadable: .*SHA-256 differs/),
    ]);
  });

  it.each([
    ['', /empty/],
    ['picture,class\na.jpg,cat', /url or path, label/],
    ['path,lable\na.jpg,cat', /did you mean "label"/],
    ['path,label,path\na,b,c', /path twice/],
    ['path,label\n"cat/a.jpg,cat\nand so on', /not CSV at line/],
    ['path,label\ncat"/a.jpg,cat', /not CSV at line 2/],
    [`path,label\n"${'x'.repeat(2 * 1024 * 1024)}",cat`, /not CSV/],
  ])('is refused as a whole where it is none: %#', async (content, says) => {
    const failure = await list('index.csv', content).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'source-invalid', message: expect.stringMatching(says) });
  });

  it('holds no more rows than a source may have files', async () => {
    const limits = { download: 1e9, unpacked: 1e9, files: 2 };
    await expect(list('index.csv', 'path,label\na,b\nc,d\ne,f', { limits })).rejects.toThrow(
      /DROVER_MAX_SOURCE_FILES/,
    );
  });
});

describe('a JSONL manifest', () => {
  it('has the same keys, and names the lines that are no objects', async () => {
    const found = await list(
      'index.jsonl',
      [
        JSON.stringify({ path: 'cat/a.jpg', label: 'cat', split: null, group: 3, width: 5 }),
        'not json',
        '',
        '["cat/a.jpg"]',
        JSON.stringify({ path: 5, label: ['cat'] }),
        JSON.stringify({ path: 'dog/ä.jpg', label: 1 }),
      ].join('\r\n'),
    );
    expect(found.map(({ path: at, label, group }) => [at, label, group])).toEqual([
      ['cat/a.jpg', 'cat', '3'],
      ['line 2 of the manifest', undefined, undefined],
      ['line 4 of the manifest', undefined, undefined],
      ['line 5 of the manifest', undefined, undefined],
      ['dog/ä.jpg', '1', undefined],
    ]);
    await expect(list('long.jsonl', 'x'.repeat(3 * 1024 * 1024))).rejects.toThrow(/longer than/);
  });
});

describe('what a manifest may name', () => {
  it('are files in the folders that are allowed, also above it, and none elsewhere', async () => {
    await writeFile(path.join(root, 'secret.jpg'), 'secret');
    await symlink(path.join(root, 'secret.jpg'), path.join(project, 'cat/link.jpg'));
    const content = [
      'path,label',
      '../cat/a.jpg,cat',
      '../../secret.jpg,cat',
      '../cat/link.jpg,cat',
      '/etc/hostname,cat',
      'file:///etc/hostname,cat',
      `file://${project}/dog/%C3%A4.jpg,dog`,
    ].join('\n');
    const found = await list('lists/index.csv', content);
    const said = await Promise.all(found.map(outcome));
    expect(said[0]).toBe('cat/a.jpg');
    for (const refused of said.slice(1, 5)) expect(refused).toMatch(/^path-refused/);
    expect(said[5]).toBe('dog/ä.jpg');
    expect(found.every(({ path: at }) => !at.includes('..') && !at.startsWith('/'))).toBe(true);
  });

  it('are addresses on the web, called by host and path, without their queries', async () => {
    answer = (at) => ({ body: at });
    const found = await list(
      'index.csv',
      [
        'url,label',
        `${web.origin}/cat/a%20b.jpg?token=s3cret,cat`,
        `${web.origin}/cat/a%20b.jpg?token=other,cat`,
        `https://user:hunter2@example.org/a.jpg,cat`,
        'https://127.0.0.1:9/a.jpg,cat',
        'https://169.254.169.254/latest/meta-data/,cat',
        'ftp://example.org/a.jpg,cat',
        'javascript:alert(1),cat',
      ].join('\n'),
    );
    const said = await Promise.all(found.map(outcome));
    expect(said.slice(0, 2)).toEqual(['/cat/a%20b.jpg?token=s3cret', '/cat/a%20b.jpg?token=other']);
    for (const refused of said.slice(2, 6)) expect(refused).toMatch(/^path-refused/);
    expect(said[6]).toMatch(/^picture-unreadable/);
    expect(found[0]?.path).toMatch(/^127\.0\.0\.1\/cat\/a b\.jpg \([0-9a-f]{8}\)$/);
    expect(JSON.stringify([...found.map(({ path: at }) => at), ...said.slice(2)])).not.toMatch(
      /s3cret|hunter2/,
    );
    expect(new Set(found.map(({ path: at }) => at)).size).toBe(7);
  });

  it('is neither a file of this machine nor a bucket where it lies on the web', async () => {
    const manifest = [
      'url,label',
      'file:///etc/hostname,cat',
      'gs://bucket/a.jpg,cat',
      '/deep/a.jpg,cat',
    ].join('\n');
    answer = (at) => ({ body: at.endsWith('.csv') ? manifest : at });
    const found = await listPictures(await openSource({ uri: `${web.origin}/sets/index.csv` }, options()));
    expect(await Promise.all(found.map(outcome))).toEqual([
      expect.stringMatching(/^path-refused: .*may not name a file/),
      expect.stringMatching(/^path-refused: .*may not name a bucket/),
      '/deep/a.jpg',
    ]);
  });

  it('is named and left out where it is dead, too large or compressed', async () => {
    answer = (at) => {
      if (at === '/gone.jpg') return { status: 410 };
      if (at === '/busy.jpg') return { status: 503 };
      if (at === '/large.jpg') return { headers: { 'content-length': String(70 * 1024 * 1024) } };
      if (at === '/packed.jpg') return { body: gzipSync('x'), headers: { 'content-encoding': 'gzip' } };
      return { body: 'fine' };
    };
    const names = ['gone', 'busy', 'large', 'packed', 'fine'];
    const rows = names.map((name) => `${web.origin}/${name}.jpg,cat`);
    const found = await list(
      'index.csv',
      ['url,label', ...rows, 'https://nobody.invalid/a.jpg,cat'].join('\n'),
    );
    expect(await Promise.all(found.map(outcome))).toEqual([
      expect.stringMatching(/^picture-unreadable: .*410/),
      expect.stringMatching(/^picture-unreadable: .*503/),
      expect.stringMatching(/^picture-too-large/),
      expect.stringMatching(/^picture-unreadable: .*compressed/),
      'fine',
      expect.stringMatching(/^picture-unreadable: nobody\.invalid has no address/),
    ]);
  });

  it('ends the reading, to be tried again, where nobody answers for many in a row', async () => {
    answer = () => ({ status: 503 });
    const rows = Array.from({ length: 40 }, (_, index) => `${web.origin}/${index}.jpg,cat`);
    const found = await list('index.csv', ['url,label', ...rows].join('\n'));
    const types = new Set<string>();
    for (const picture of found) types.add((await outcome(picture)).split(':')[0] ?? '');
    expect(types).toEqual(new Set(['picture-unreadable', 'source-unavailable']));
  });
});

describe('the fingerprint of a manifest', () => {
  const print = async (manifest: string): Promise<string | undefined> =>
    (await openSource({ uri: manifest }, options())).fingerprint();

  it('changes with the manifest and with the files that it names', async () => {
    await put('index.csv', 'path,label\ncat/a.jpg,cat');
    const first = await print('index.csv');
    expect(await print('index.csv')).toBe(first);
    await utimes(path.join(project, 'cat/a.jpg'), 1, 1);
    const second = await print('index.csv');
    expect(second).not.toBe(first);
    await put('index.csv', 'path,label\ncat/a.jpg,dog');
    expect(await print('index.csv')).not.toBe(second);
  });

  it('is nobody’s to tell where pictures on the web have no sums', async () => {
    await put('index.csv', `url,label\n${web.origin}/a.jpg,cat`);
    expect(await print('index.csv')).toBeUndefined();
    await put('index.csv', `url,label,sha256\n${web.origin}/a.jpg,cat,${sha256('a')}`);
    expect(await print('index.csv')).toBeDefined();
    expect(web.requests).toHaveLength(0);
  });
});
