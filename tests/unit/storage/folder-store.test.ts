import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lutimes, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderFailure } from '../../../lib/storage/folder-failures';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';

let outside = '';
let root = '';
let store: Store;
beforeEach(async () => {
  outside = await mkdtemp(path.join(tmpdir(), 'drover-folder-'));
  root = path.join(outside, 'store');
  store = createFolderStore(root);
  await store.write('models/a', Buffer.from('a'));
});
afterEach(() => rm(outside, { recursive: true, force: true }));

async function keys(prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list(prefix)) found.push(key);
  return found.sort();
}

describe('a store in a folder', () => {
  it('refuses every key that a symbolic link takes out of it, and lists none', async () => {
    await writeFile(path.join(outside, 'secret'), 'secret');
    await mkdir(path.join(outside, 'folder'));
    await symlink(path.join(outside, 'secret'), path.join(root, 'file'));
    await symlink('../folder', path.join(root, 'folder'));
    const refused = { type: 'path-refused' };
    await expect(store.read('file')).rejects.toMatchObject(refused);
    for (const key of ['folder/new', 'folder/deep/new']) {
      await expect(store.write(key, Buffer.from('x'))).rejects.toMatchObject(refused);
      await expect(store.create(key, Buffer.from('x'))).rejects.toMatchObject(refused);
      await expect(store.compareAndSwap(key, Buffer.from('x'), undefined)).rejects.toMatchObject(refused);
      await expect(store.exists(key)).rejects.toMatchObject(refused);
      await expect(store.remove(key)).rejects.toMatchObject(refused);
    }
    await expect(keys('folder/')).rejects.toMatchObject(refused);
    expect(await keys()).toEqual(['models/a']);
    expect(await readdir(path.join(outside, 'folder'))).toEqual([]);
  });

  it('follows a symbolic link at its own root', async () => {
    await symlink(root, path.join(outside, 'link'));
    expect((await createFolderStore(path.join(outside, 'link')).read('models/a')).toString()).toBe('a');
  });

  it('does not show what a killed write left, and sweeps it away after a day', async () => {
    const temporary = path.join(root, '.temporary');
    await writeFile(path.join(temporary, 'old'), 'half a pic');
    await writeFile(path.join(temporary, 'new'), 'half a pic');
    await mkdir(path.join(root, 'models/.generations/alias'), { recursive: true });
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
    await utimes(path.join(temporary, 'old'), twoDaysAgo, twoDaysAgo);
    await symlink('pruned', path.join(temporary, 'old link'));
    await lutimes(path.join(temporary, 'old link'), twoDaysAgo, twoDaysAgo);
    expect(await keys()).toEqual(['models/a']);
    expect(await store.exists('models/alias')).toBe(false);
    await createFolderStore(root).write('models/b', Buffer.from('b'));
    expect(await readdir(temporary)).toEqual(['new']);
    expect(await store.compareAndSwap('models/alias', Buffer.from('x'), undefined)).toBeDefined();
  });

  it('keeps few old generations, and no writer that slept through their pruning wins', async () => {
    let generation: string | undefined;
    const seen: string[] = [];
    for (let move = 0; move < 20; move++) {
      generation = await store.compareAndSwap('alias', Buffer.from(`move ${move}`), generation);
      seen.push(String(generation));
    }
    const folder = path.join(root, '.generations/alias');
    const kept = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
    expect(kept).toHaveLength(8);
    expect(await readFile(path.join(folder, '00000020'), 'utf8')).toBe('move 19');
    for (const old of seen.slice(0, -1)) {
      expect(await store.compareAndSwap('alias', Buffer.from('late'), old)).toBeUndefined();
    }
    // Its name is still taken, so that one who checked before going to sleep loses too.
    expect(await readdir(folder)).toHaveLength(20);
    expect((await store.read('alias')).toString()).toBe('move 19');
  });

  it('leaves no empty folder where the last key of one was removed, and no other folder less', async () => {
    await store.write('runs/1/checkpoints/00001/state.bin', Buffer.from('x'));
    await store.write('runs/1/config.json', Buffer.from('{}'));
    await store.remove('runs/1/checkpoints/00001/state.bin');
    expect(await readdir(path.join(root, 'runs/1'))).toEqual(['config.json']);
    await store.remove('runs/1/config.json');
    await store.remove('models/a');
    await store.remove('models/a');
    expect(await readdir(root)).toEqual(['.temporary']);
    await store.compareAndSwap('aliases/a', Buffer.from('x'), undefined);
    await store.remove('aliases/a');
    // What was there once must still be known to a writer that looked then.
    expect(await readdir(path.join(root, 'aliases/.generations'))).toEqual(['a']);
  });

  it('loses no write to one who removes the last key of the same folder', async () => {
    const other = createFolderStore(root);
    const remover = async () => {
      for (let round = 0; round < 60; round += 1) {
        await other.write('races/deep/gone', Buffer.from('x'));
        await other.remove('races/deep/gone');
      }
    };
    const writer = async () => {
      for (let round = 0; round < 60; round += 1) {
        const key = `races/deep/${round}`;
        if (round % 2 === 0) await store.write(key, Buffer.from('y'));
        else expect(await store.create(key, Buffer.from('y'))).toBe(true);
        expect((await store.read(key)).toString()).toBe('y');
        await store.remove(key);
      }
    };
    await Promise.all([remover(), remover(), writer()]);
    expect(await readdir(root)).not.toContain('races');
  });

  it('tells a store that was emptied and filled again from the old one', async () => {
    const first = await store.compareAndSwap('alias', Buffer.from('x'), undefined);
    await rm(root, { recursive: true });
    store = createFolderStore(root);
    const second = await store.compareAndSwap('alias', Buffer.from('x'), undefined);
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });

  it('refuses a key that needs a file where a folder is, or a folder where a file is', async () => {
    for (const key of ['models', 'models/a/b']) {
      await expect(store.write(key, Buffer.from('x'))).rejects.toMatchObject({ type: 'path-refused' });
      await expect(store.create(key, Buffer.from('x'))).rejects.toMatchObject({ type: 'path-refused' });
    }
    expect(await readdir(path.join(root, '.temporary'))).toEqual([]);
  });

  it('does not let two ways of writing one key hide each other’s bytes', async () => {
    await store.compareAndSwap('alias', Buffer.from('x'), undefined);
    await expect(store.write('alias', Buffer.from('y'))).rejects.toThrow(/compareAndSwap/);
    await expect(store.compareAndSwap('models/a', Buffer.from('y'), undefined)).rejects.toThrow(
      /compareAndSwap/,
    );
  });

  it.each([
    ['ENOSPC', 'storage-unavailable', /free some space/],
    ['EACCES', 'storage-unavailable', /who owns the folder/],
    ['ENAMETOOLONG', 'path-refused', /cannot be kept/],
  ])('says what to do about %s', (code, type, advice) => {
    const failure = folderFailure(Object.assign(new Error(code), { code }), root, 'models/a');
    expect(failure).toMatchObject({ type, message: expect.stringMatching(advice) });
    expect(failure).toMatchObject({ message: expect.stringContaining(root) });
  });
});
