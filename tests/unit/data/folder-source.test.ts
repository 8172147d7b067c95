import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import type { Source, SourcePicture } from '../../../lib/data/sources/source';
import { locate } from '../../../lib/data/labels';
import { openSource } from '../../../lib/data/sources/open-source';
import { zipOf } from '../../support/archives';
import { sourceOptionsFor } from '../../support/source-options';

let root: string;
let project: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-folder-'));
  project = path.join(root, 'project');
  await put('photos/cat/a.jpg');
  await put('photos/dog/b.jpg');
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function put(file: string, text = file): Promise<void> {
  const target = path.join(project, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

const open = (uri: string): Promise<Source> => openSource({ uri }, sourceOptionsFor(project));

async function list(uri: string): Promise<SourcePicture[]> {
  const found: SourcePicture[] = [];
  for await (const picture of (await open(uri)).pictures()) found.push(picture);
  return found;
}

async function refusal(work: Promise<unknown>): Promise<Failure> {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

/** Root may read everything, so where the tests run as root, `work` is done as another user. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(65534);
  try {
    await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe('a folder as a source', () => {
  it('takes sub-folders as classes, and what lies deeper as part of them', async () => {
    await put('photos/dog/poodles/c.jpg');
    await put('photos/stray.jpg');
    await put('photos/.DS_Store');
    const found = await list('photos');
    expect(locate(found, 'by-folder').map(({ path: at, label, split }) => [at, label, split])).toEqual([
      ['cat/a.jpg', 'cat', undefined],
      ['dog/b.jpg', 'dog', undefined],
      ['dog/poodles/c.jpg', 'dog', undefined],
      ['stray.jpg', undefined, undefined],
    ]);
    expect(String(await found[0]?.bytes())).toBe('photos/cat/a.jpg');
  });

  it('is named by a relative path, an absolute one, or a file URL', async () => {
    const folder = path.join(project, 'photos');
    for (const uri of ['photos', './photos/', folder, pathToFileURL(folder).href]) {
      expect(await list(uri)).toHaveLength(2);
    }
  });

  it('honours folders named for splits, where all of them are', async () => {
    await rename(path.join(project, 'photos'), path.join(project, 'train'));
    await put('set/val/cat/v.jpg');
    await put('set/Test/dog/t.jpg');
    await rename(path.join(project, 'train'), path.join(project, 'set/train'));
    expect(locate(await list('set'), 'by-folder').map(({ label, split }) => [label, split])).toEqual([
      ['dog', 'test'],
      ['cat', 'train'],
      ['dog', 'train'],
      ['cat', 'validation'],
    ]);
    // A class that is called train, beside one that is not a split.
    await put('vehicles/train/a.jpg');
    await put('vehicles/plane/b.jpg');
    expect(locate(await list('vehicles'), 'by-folder').map(({ label }) => label)).toEqual(['plane', 'train']);
  });

  it('changes its fingerprint when a picture comes, goes, grows or is touched', async () => {
    const seen = new Set<string>();
    const look = async () => {
      const print = await (await open('photos')).fingerprint();
      expect(await (await open('photos')).fingerprint()).toBe(print);
      seen.add(String(print));
    };
    await look();
    await put('photos/cat/new.jpg');
    await look();
    await put('photos/cat/new.jpg', 'longer than it was before');
    await look();
    await utimes(path.join(project, 'photos/cat/new.jpg'), 1, 1);
    await look();
    await rm(path.join(project, 'photos/cat/a.jpg'));
    await look();
    expect(seen.size).toBe(5);
  });

  it('refuses folders outside of the allowed roots, also through links and dots', async () => {
    await mkdir(path.join(root, 'outside/cat'), { recursive: true });
    await mkdir(path.join(root, 'project-2'));
    await symlink(path.join(root, 'outside'), path.join(project, 'link'));
    const outside = [
      '../outside',
      path.join(root, 'outside'),
      'photos/../../outside',
      'link',
      '../project-2',
    ];
    for (const uri of [...outside, '/', '../nowhere', 'file:///etc']) {
      expect((await refusal(open(uri))).type).toBe('path-refused');
    }
  });

  it('refuses a picture that is a link out of the source, but takes one that stays inside', async () => {
    await writeFile(path.join(root, 'secret'), 'secret');
    await symlink(path.join(root, 'secret'), path.join(project, 'photos/cat/out.jpg'));
    await symlink('../dog/b.jpg', path.join(project, 'photos/cat/in.jpg'));
    await symlink('nowhere.jpg', path.join(project, 'photos/cat/broken.jpg'));
    await symlink('../dog', path.join(project, 'photos/cat/folder.jpg'));
    const found = new Map((await list('photos')).map((picture) => [picture.path, picture]));
    const read = async (at: string) => String(await found.get(at)?.bytes());
    expect((await refusal(read('cat/out.jpg'))).type).toBe('path-refused');
    expect((await refusal(read('cat/broken.jpg'))).type).toBe('picture-unreadable');
    expect((await refusal(read('cat/folder.jpg'))).type).toBe('picture-unreadable');
    expect(await read('cat/in.jpg')).toBe('photos/dog/b.jpg');
  });

  it('leaves out what looks like a picture and is a pipe or a socket, and waits for neither', async () => {
    execFileSync('mkfifo', [path.join(project, 'photos/cat/pipe.jpg')]);
    const server = createServer().listen(path.join(project, 'photos/cat/socket.jpg'));
    await once(server, 'listening');
    try {
      const odd = (await list('photos')).filter(({ path: at }) => /pipe|socket/.test(at));
      expect(odd).toHaveLength(2);
      for (const picture of odd) expect((await refusal(picture.bytes())).type).toBe('picture-unreadable');
    } finally {
      server.close();
    }
  });

  it('leaves out a picture that may not be read, and refuses a source with a folder that may not', async () => {
    await chmod(root, 0o755);
    await put('photos/cat/mine.jpg');
    await chmod(path.join(project, 'photos/cat/mine.jpg'), 0);
    await mkdir(path.join(project, 'other/cat'), { recursive: true });
    await chmod(path.join(project, 'other/cat'), 0);
    await asNobody(async () => {
      const mine = (await list('photos')).find(({ path: at }) => at === 'cat/mine.jpg');
      expect((await refusal(mine?.bytes() ?? Promise.resolve())).type).toBe('picture-unreadable');
      const folder = await refusal(list('other'));
      expect(folder).toMatchObject({ type: 'source-invalid', message: expect.stringContaining('"cat"') });
      expect((await refusal((await open('other')).fingerprint())).type).toBe('source-invalid');
    });
  });

  // macOS lets no two names read alike, and none be no text.
  const withAnyName = process.platform === 'darwin' ? it.skip : it;
  withAnyName('names files whose names read alike, are no text, or lead in a circle', async () => {
    await put('photos/cat/\u00e4.jpg', 'together');
    await put('photos/cat/a\u0308.jpg', 'apart');
    for (const byte of [0xfe, 0xff]) {
      const name = Buffer.concat([Buffer.from(path.join(project, 'photos/dog/x')), Buffer.from([byte])]);
      await writeFile(name, 'no text');
    }
    await symlink('loop.jpg', path.join(project, 'photos/dog/loop.jpg'));
    await put('photos/dog/back\\slash.jpg', 'a name like another');
    const said = new Map<string, string>();
    for (const picture of await list('photos')) {
      said.set(picture.path, await picture.bytes().then(String, (error: unknown) => (error as Failure).type));
    }
    expect([...said]).toEqual([
      ['cat/a.jpg', 'photos/cat/a.jpg'],
      ['cat/\u00e4.jpg', 'apart'],
      ['cat/\u00e4.jpg (2)', 'path-refused'],
      ['dog/b.jpg', 'photos/dog/b.jpg'],
      ['dog/back\\slash.jpg', 'a name like another'],
      ['dog/loop.jpg', 'picture-unreadable'],
      ['dog/x\ufffd', 'picture-unreadable'],
      ['dog/x\ufffd (2)', 'path-refused'],
    ]);
  });

  it('does not read a file of gigabytes to find that it is no picture', async () => {
    await put('photos/cat/film.jpg');
    await truncate(path.join(project, 'photos/cat/film.jpg'), 5 * 2 ** 30);
    const film = (await list('photos')).find((picture) => picture.path.endsWith('film.jpg'));
    expect((await refusal(film?.bytes() ?? Promise.resolve())).type).toBe('picture-too-large');
  });

  it('is read again, later, where a folder of it goes while it is read', async () => {
    // So many are asked about at once: the rest of the source is not looked at before.
    for (let at = 0; at < 128; at += 1) await put(`photos/cat/${at}.jpg`);
    const pictures = (await open('photos')).pictures()[Symbol.asyncIterator]();
    await pictures.next();
    await rename(path.join(project, 'photos/dog'), path.join(project, 'dog'));
    const rest = (async () => {
      while ((await pictures.next()).done !== true);
    })();
    expect(await refusal(rest)).toMatchObject({
      ...{ type: 'source-unavailable', retryable: true },
      message: expect.stringContaining('folder "dog" was moved or removed while the source was read'),
    });
  });

  it('says what is not there, not a folder, or of no known scheme', async () => {
    expect((await refusal(open('nothing'))).message).toContain('not there');
    expect((await refusal(open('photos/cat/a.jpg'))).message).toContain('a file');
    expect((await refusal(open('file://host/photos'))).type).toBe('source-invalid');
    expect((await refusal(open('sampel://animals'))).message).toContain('did you mean "sample"?');
    const secret = await refusal(open('ftp://user:hunter2@example.org/set.zip'));
    expect(secret.message).toContain('Found ftp://');
    expect(secret.message).not.toContain('hunter2');
    const web = await refusal(list('https://user:hunter2@example.org/set.zip'));
    expect(web.type).toBe('path-refused');
    expect(web.message).not.toContain('hunter2');
  });
});

describe('an archive of this machine', () => {
  it('that is changed or removed while it is read is read again, later', async () => {
    const zip = zipOf([{ name: 'cat/a.jpg', bytes: Buffer.from('a'), method: 0 }]);
    for (const change of [() => put('set.zip', 'another'), () => rm(path.join(project, 'set.zip'))]) {
      await writeFile(path.join(project, 'set.zip'), zip);
      const [picture] = await list('set.zip');
      expect(String(await picture?.bytes())).toBe('a');
      await change();
      const failure = await refusal(picture?.bytes() ?? Promise.resolve());
      expect(failure).toMatchObject({ type: 'source-unavailable', retryable: true });
    }
  });

  it('has another fingerprint once it is written again, and lies where sources may lie', async () => {
    const zip = zipOf([{ name: 'cat/a.jpg', bytes: Buffer.from('a') }]);
    await writeFile(path.join(project, 'set.zip'), zip);
    const print = async () => (await open('set.zip')).fingerprint();
    const first = await print();
    expect(await print()).toBe(first);
    await utimes(path.join(project, 'set.zip'), 1, 1);
    expect(await print()).not.toBe(first);
    await writeFile(path.join(root, 'outside.zip'), zip);
    await symlink(path.join(root, 'outside.zip'), path.join(project, 'link.zip'));
    for (const uri of ['../outside.zip', 'link.zip']) {
      expect((await refusal(open(uri))).type).toBe('path-refused');
    }
  });
});
