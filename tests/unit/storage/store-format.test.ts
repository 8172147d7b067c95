import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { openStore } from '../../../lib/storage/open-store';
import { readFormat, storeFormat, storeFormatKey } from '../../../lib/storage/store-format';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-format-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = Buffer.from('x');

describe('the format of a store', () => {
  it('is written down before anything else is, and by no reader', async () => {
    const store = openStore(folder);
    expect(await store.exists('a')).toBe(false);
    expect(await readFormat(store)).toBeUndefined();
    await store.write('a', bytes);
    expect(await readFormat(store)).toBe(storeFormat);
  });

  it('is written once, however many begin at once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, at) => openStore(folder).create(`${at}`, bytes)));
    expect(await readFormat(openStore(folder))).toBe(storeFormat);
  });

  it('is 0 where there is something and no record, and stays so until it is migrated', async () => {
    await createFolderStore(folder).write('a', bytes);
    const store = openStore(folder);
    await store.write('b', bytes);
    expect(await readFormat(store)).toBe(0);
    expect((await store.read('a')).toString()).toBe('x');
  });

  it.each([
    ['read', (key: string) => openStore(folder).read(key)],
    ['write', (key: string) => openStore(folder).write(key, bytes)],
    ['create', (key: string) => openStore(folder).create(key, bytes)],
    ['compareAndSwap', (key: string) => openStore(folder).compareAndSwap(key, bytes, undefined)],
    ['remove', (key: string) => openStore(folder).remove(key)],
    ['list', (key: string) => openStore(folder).list(key)[Symbol.asyncIterator]().next()],
  ])('of a later version is refused by %s, saying which and what to do', async (_name, use) => {
    const plain = createFolderStore(folder);
    await plain.write(storeFormatKey, Buffer.from(JSON.stringify({ format: storeFormat + 1, more: true })));
    await plain.write('a', bytes);
    await expect(use('a')).rejects.toMatchObject({
      type: 'store-too-new',
      message: expect.stringMatching(
        new RegExp(`format ${storeFormat + 1}.*up to ${storeFormat}.*backup`, 's'),
      ),
    });
    expect((await plain.read('a')).toString()).toBe('x');
  });
});
