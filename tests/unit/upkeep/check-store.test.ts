import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { championAlias } from '../../../contracts/names';
import { createRegistry } from '../../../lib/registry/registry';
import { canonicalJson } from '../../../lib/storage/canonical-json';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { checkStore } from '../../../lib/upkeep/check-store';
import type { Store } from '../../../lib/storage/store';
import { storeOfFirstRelease } from '../../support/first-release-store';

let root: string;
let store: Store;

beforeEach(() => {
  const made = storeOfFirstRelease();
  root = made.root;
  store = createFolderStore(made.folder);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const problems = async (quick = false) =>
  (await checkStore(store, { quick })).problems.map(({ kind, key }) => `${kind} ${key}`);

async function keyLike(pattern: RegExp): Promise<string> {
  for await (const key of store.list('')) if (pattern.test(key)) return key;
  throw new Error(`nothing like ${pattern}`);
}

describe('checking a store', () => {
  it('finds nothing in one that is well, and nothing at all in an empty one', async () => {
    expect(await problems()).toEqual([]);
    const empty = createFolderStore(await mkdtemp(join(tmpdir(), 'drover-empty-')));
    expect(await checkStore(empty)).toMatchObject({ format: undefined, objects: 0, problems: [] });
    rmSync(empty.location, { recursive: true });
  });

  it('finds a picture whose bytes are not its own any more, by itself and by its manifest', async () => {
    const key = await keyLike(/^blobs\//);
    await store.write(key, Buffer.from('rot'));
    expect(await problems()).toEqual([`damaged ${key}`, `damaged ${key}`]);
    expect(await problems(true)).toEqual([]);
  });

  it('finds a picture that is gone, also where it looks at documents alone', async () => {
    const key = await keyLike(/^blobs\//);
    await store.remove(key);
    expect(await problems()).toEqual([`missing ${key}`]);
    expect(await problems(true)).toEqual([`missing ${key}`]);
  });

  it('reads several objects at once, since a bucket takes its time for each', async () => {
    let [open, most] = [0, 0];
    const counted: Store = {
      ...store,
      readVersioned: async (key) => {
        open += 1;
        most = Math.max(most, open);
        await sleep(20);
        return store.readVersioned(key).finally(() => (open -= 1));
      },
    };
    expect((await checkStore(counted)).problems).toEqual([]);
    expect(most).toBe(8);
  });

  it('finds weights that are not those which a version was registered with', async () => {
    await store.write('models/few/versions/1/weights.bin', Buffer.alloc(8));
    expect(await problems()).toEqual(['damaged models/few/versions/1/weights.bin']);
  });

  it('finds a document that is cut off', async () => {
    const key = 'runs/eaf46c2d8a2b944a/result.json';
    await store.write(key, (await store.read(key)).subarray(0, 40));
    expect(await problems()).toEqual(expect.arrayContaining([`unreadable ${key}`, `damaged ${key}`]));
  });

  it('finds an alias that names no version, and a move by a promotion that nobody recorded', async () => {
    const registry = createRegistry(store);
    const found = await registry.alias('few', championAlias);
    await registry.moveAlias('few', championAlias, {
      ...{ version: 1, expected: found?.generation, by: 'Ada', reason: 'test', promotion: 'unheard-of' },
    });
    const key = 'models/few/aliases/champion.json';
    expect(await problems()).toEqual([`missing ${key}`]);
    await store.remove('models/few/versions/1/version.json');
    expect(await problems()).toContain(`missing ${key}`);
  });

  it('finds a run that was numbered twice', async () => {
    const key = 'models/few/numbers.json';
    const now = await store.readVersioned(key);
    await store.compareAndSwap(
      key,
      Buffer.from(canonicalJson({ runs: ['eaf46c2d8a2b944a', 'eaf46c2d8a2b944a'] })),
      now?.generation,
    );
    expect(await problems()).toEqual([`unexplained ${key}`]);
  });

  it.each(['numbers.json', 'versions/1/version.json', 'aliases/champion.json'])(
    'finds %s cut off, and goes on',
    async (name) => {
      const key = `models/few/${name}`;
      const now = await store.readVersioned(key);
      if (now === undefined) throw new Error(`no ${key}`);
      if (name === 'versions/1/version.json') await store.write(key, now.bytes.subarray(0, 20));
      else await store.compareAndSwap(key, now.bytes.subarray(0, 20), now.generation);
      const found = await problems();
      expect(found.some((one) => one.startsWith('unreadable models/few/'))).toBe(true);
    },
  );

  it('says that a number is reserved, which is no problem: it is being registered', async () => {
    const key = 'models/few/numbers.json';
    const now = await store.readVersioned(key);
    await store.compareAndSwap(
      key,
      Buffer.from(canonicalJson({ runs: ['eaf46c2d8a2b944a', 'x'] })),
      now?.generation,
    );
    const report = await checkStore(store);
    expect(report.problems).toEqual([]);
    expect(report.notes.join()).toContain('1 of 2 numbers');
  });
});
