import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ManifestRef } from '../../../contracts/refs';
import type { ManifestEntry } from '../../../contracts/schemas/documents';
import { exportVersion, type Exporting } from '../../../lib/data/export';
import { csvLine, readCsv } from '../../../lib/data/export/csv';
import { exportPaths, plainName } from '../../../lib/data/export/names';
import { writeManifest } from '../../../lib/data/manifest';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { blobKey, putBlob, sha256 } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';

let root = '';
let store: Store;
let folder = '';
let tests = 0;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-export-'));
});
beforeEach(() => {
  tests += 1;
  store = createFolderStore(path.join(root, `store-${tests}`));
  folder = path.join(root, `folder-${tests}`);
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Picture = Pick<ManifestEntry, 'path' | 'label'> & {
  readonly split?: ManifestEntry['split'];
  readonly text?: string;
};

/** A version of pictures whose bytes are a text, by default their path. */
async function version(...pictures: readonly Picture[]): Promise<ManifestRef> {
  const entries: ManifestEntry[] = [];
  for (const { path, label, split = 'train', text = path } of pictures) {
    entries.push({ path, label, split, sha256: (await putBlob(store, Buffer.from(text))).sha256 });
  }
  return (await writeManifest(store, 'pets', entries)).manifest;
}

const exported = (manifest: ManifestRef, changes: Partial<Exporting> = {}) =>
  exportVersion({ store, name: 'pets', manifest, folder, layout: 'split', ...changes });

/** Every file of a folder but those that begin with a dot, with its text. */
async function contents(of = folder): Promise<Record<string, string>> {
  const found = await readdir(of, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile() && !entry.parentPath.includes('.drover-export'));
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const file = path.join(parentPath, name);
        return [path.relative(of, file), await readFile(file, 'utf8')] as const;
      }),
    ),
  );
}

const cat = { path: 'cat/1.png', label: 'cat' };
const dog = { path: 'dog/1.png', label: 'dog', split: 'test' } as const;

describe('an export', () => {
  it('lies by split and label, with a list of paths, labels, splits and digests', async () => {
    const result = await exported(await version(cat, dog));
    expect(result).toEqual({ pictures: 2, written: 2, removed: 0, changed: [] });
    expect(await contents()).toEqual({
      'train/cat/1.png': 'cat/1.png',
      'test/dog/1.png': 'dog/1.png',
      'manifest.csv': [
        'path,label,split,sha256\n',
        `train/cat/1.png,cat,train,${sha256('cat/1.png')}\n`,
        `test/dog/1.png,dog,test,${sha256('dog/1.png')}\n`,
      ].join(''),
    });
  });

  it('lies by label alone where that is asked for', async () => {
    await exported(await version(cat, dog), { layout: 'flat' });
    expect(Object.keys(await contents()).sort()).toEqual(['cat/1.png', 'dog/1.png', 'manifest.csv']);
  });

  it('done again writes nothing; a file that was lost or changed is written anew', async () => {
    const manifest = await version(cat, dog, { path: 'dog/2.png', label: 'dog' });
    await exported(manifest);
    expect(await exported(manifest)).toMatchObject({ written: 0 });
    await rm(path.join(folder, 'train/cat/1.png'));
    await writeFile(path.join(folder, 'test/dog/1.png'), 'other');
    expect(await exported(manifest)).toMatchObject({ written: 2 });
    expect(await contents()).toMatchObject({ 'test/dog/1.png': 'dog/1.png', 'train/cat/1.png': 'cat/1.png' });
  });

  it('goes on where it was stopped', async () => {
    const manifest = await version(
      ...Array.from({ length: 40 }, (_, n) => ({ path: `cat/${n}.png`, label: 'cat' })),
    );
    const stop = new AbortController();
    const onProgress = ({ done }: { readonly done: number }): void => {
      if (done === 10) stop.abort(new Error('stopped'));
    };
    await expect(exported(manifest, { onProgress, signal: stop.signal })).rejects.toThrow('stopped');
    const { written } = await exported(manifest);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(30);
    expect(Object.keys(await contents())).toHaveLength(41);
  });

  it('over another version holds that one alone, and leaves what somebody has changed', async () => {
    await exported(
      await version(cat, dog, { path: 'dog/2.png', label: 'dog' }, { path: 'emu/1.png', label: 'emu' }),
    );
    await writeFile(path.join(folder, 'train/dog/2.png'), 'drawn upon');
    const result = await exported(await version(cat, { ...cat, path: 'cat/2.png' }));
    expect(result).toEqual({ pictures: 2, written: 1, removed: 2, changed: ['train/dog/2.png'] });
    expect(Object.keys(await contents()).sort()).toEqual([
      'manifest.csv',
      'train/cat/1.png',
      'train/cat/2.png',
      'train/dog/2.png',
    ]);
    expect(await readdir(folder)).not.toContain('test');
  });

  it('stopped half-way over another version is tidied up by the next', async () => {
    await exported(await version({ ...cat, text: 'old' }, { path: 'cat/2.png', label: 'cat' }));
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(exported(await version({ ...cat, text: 'new' }), { signal: stop })).rejects.toThrow(
      'stopped',
    );
    const { removed, changed } = await exported(await version(dog));
    expect({ removed, changed }).toEqual({ removed: 2, changed: [] });
    expect(Object.keys(await contents()).sort()).toEqual(['manifest.csv', 'test/dog/1.png']);
  });

  it('refuses a folder that holds something else, unless it is forced; nothing of it is lost then', async () => {
    await mkdir(folder);
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    const manifest = await version(cat);
    await expect(exported(manifest)).rejects.toThrow(/is not empty, and holds no earlier export.*--force/);
    expect(await readdir(folder)).toEqual(['notes.txt']);
    await exported(manifest, { force: true });
    expect(await contents()).toMatchObject({ 'notes.txt': 'mine', 'train/cat/1.png': 'cat/1.png' });
  });

  it('follows no link out of its folder', async () => {
    const elsewhere = path.join(root, `elsewhere-${tests}`);
    await mkdir(folder);
    await mkdir(elsewhere);
    await symlink(elsewhere, path.join(folder, 'train'));
    await expect(exported(await version(cat), { force: true })).rejects.toMatchObject({
      type: 'path-refused',
    });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('replaces a link in a picture’s place, not what it leads to', async () => {
    const secret = path.join(root, `secret-${tests}`);
    await writeFile(secret, 'cat/1.png');
    await mkdir(path.join(folder, 'train/cat'), { recursive: true });
    await symlink(secret, path.join(folder, 'train/cat/1.png'));
    expect(await exported(await version({ ...cat, text: 'picture' }), { force: true })).toMatchObject({
      written: 1,
    });
    expect(await readFile(secret, 'utf8')).toBe('cat/1.png');
    expect(await contents()).toMatchObject({ 'train/cat/1.png': 'picture' });
  });

  it('removes nothing that a changed list names outside of it', async () => {
    const outside = path.join(root, `victim-${tests}`);
    await writeFile(outside, 'x');
    await exported(await version(cat));
    const lines = [`../victim-${tests}`, `train/../../victim-${tests}`, outside].map((path) =>
      csvLine([path, 'x', 'train', sha256('x')]),
    );
    await writeFile(path.join(folder, 'manifest.csv'), lines.join(''));
    await exported(await version(dog));
    expect(await readFile(outside, 'utf8')).toBe('x');
  });

  it('says which picture of the store is damaged, and never writes it', async () => {
    const manifest = await version(cat);
    const key = blobKey(sha256('cat/1.png'));
    await store.write(key, Buffer.from('damaged'));
    await expect(exported(manifest)).rejects.toMatchObject({ type: 'digest-mismatch' });
    expect(Object.keys(await contents())).toEqual(['manifest.csv']);
    await store.remove(key);
    await expect(exported(manifest)).rejects.toMatchObject({ type: 'not-found' });
  });
});

describe('names of an export', () => {
  const paths = (...pictures: readonly Picture[]): string[] =>
    exportPaths(
      pictures.map(({ path, label, split = 'train', text = path }) => ({
        path,
        label,
        split,
        sha256: sha256(text),
      })),
      'flat',
    ).map(({ path }) => path);

  it('are one plain name a label and a file, whatever a source calls them', () => {
    const names = [
      '..',
      '.',
      '',
      '../../etc',
      '/etc/passwd',
      'a\\b',
      'c:d',
      '.hidden',
      'con',
      'NUL.png',
      'x.',
      ' y ',
      'a\0b',
      'a\nb',
      '\u202egnp.exe',
    ];
    for (const name of names) {
      const plain = plainName(name);
      expect(plain).toMatch(/^[^./\\:\0\n\s\u202e][^/\\:\0\n\u202e]*$/u);
      expect(plain).toMatch(/[^.\s]$/);
      expect(plain).not.toMatch(/^(con|nul)(\.|$)/i);
    }
    expect(paths({ path: 'x/../../../passwd', label: '../../etc' })).toEqual(['__.._etc/passwd']);
  });

  it('stay as they are in any script', () => {
    expect(plainName('Šípková růženka – 猫 👨‍👩‍👧.jpg')).toBe('Šípková růženka – 猫 👨‍👩‍👧.jpg');
    expect(plainName('e\u0301.png')).toBe('\u00e9.png');
  });

  it('differ also where case and forms of Unicode do not count', () => {
    const found = paths(
      { path: 'a/1.png', label: 'Cat' },
      { path: 'b/1.PNG', label: 'Cat' },
      { path: 'c/1.png', label: 'cat' },
      { path: 'd/1.png', label: 'Straße' },
      { path: 'e/1.png', label: 'STRASSE' },
      { path: 'f/1.png', label: 'manifest.csv' },
      { path: 'g/1.png', label: 'a/b' },
      { path: 'h/1.png', label: 'a_b' },
    );
    expect(new Set(found.map((path) => path.normalize('NFKC').toUpperCase())).size).toBe(found.length);
    expect(found[0]).toBe('Cat/1.png');
    expect(found[1]).toBe(`Cat/1~${sha256('b/1.PNG').slice(0, 8)}.PNG`);
    expect(found[2]?.startsWith('cat~')).toBe(true);
    expect(found).not.toContain('manifest.csv/1.png');
  });

  it('differ for the same picture under the same name, too', () => {
    const same = { label: 'cat', text: 'same' };
    const found = paths(
      { path: 'a/1.png', ...same },
      { path: 'b/1.png', ...same },
      { path: 'c/1.png', ...same },
    );
    expect(new Set(found).size).toBe(3);
  });

  it('fit a file system, with their extension', () => {
    const plain = plainName(`${'猫'.repeat(300)}.jpeg`);
    expect(Buffer.byteLength(plain)).toBeLessThanOrEqual(200);
    expect(plain.endsWith('猫.jpeg')).toBe(true);
  });
});

describe('lines of the list', () => {
  it('are read as they were written', () => {
    const rows = [
      ['a', 'b,c', 'd"e"', ''],
      ['', '', '', ''],
      ['line\nbreak', '\r\n', '"', 'x'],
    ];
    expect(readCsv(rows.map(csvLine).join(''))).toEqual(rows);
    expect(readCsv('')).toEqual([]);
    expect(readCsv('a,b\r\nc,"d"')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});
