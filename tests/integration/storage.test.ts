import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { blobKey, putBlob, readRef } from '../../lib/storage/refs';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { findBucketEmulator, startBucketEmulator, type BucketEmulator } from '../support/bucket-emulator';

const racers = Array.from({ length: 32 }, (_, racer) => Buffer.from(`racer ${racer}`));

async function listed(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys.sort();
}

/** Kills a writer with SIGKILL once it has acknowledged so many counts. @returns the last one */
async function writeUntilKilled(location: string, counts: number): Promise<number> {
  const script = path.join(__dirname, '../support/store-writer.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, location], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  let seen = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    seen += chunk.toString().split('\n').length - 1;
    if (seen >= counts) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return Number(printed.trimEnd().split('\n').at(-1));
}

/** What every store promises. Each store gives two views of one place, as two processes have. */
function describeStore(open: () => { store: Store; other: Store }): void {
  it('shows a write to every reader at once, and replaces it whole', async () => {
    const { store, other } = open();
    await store.write('write/a.bin', Buffer.from('a long first text'));
    expect((await other.read('write/a.bin')).toString()).toBe('a long first text');
    await other.write('write/a.bin', Buffer.from('short'));
    expect((await store.read('write/a.bin')).toString()).toBe('short');
    expect(await store.exists('write/a.bin')).toBe(true);
    expect(await store.size('write/a.bin')).toBe(5);
    await store.compareAndSwap('write/moved.json', Buffer.from('moved'), undefined);
    expect(await store.size('write/moved.json')).toBe(5);
  });

  it('says that a key is not there', async () => {
    const { store } = open();
    await store.write('absent/folder/file', Buffer.from('x'));
    for (const key of ['absent/none', 'absent/folder', 'none/at/all', 'absent/folder/file/below']) {
      await expect(store.read(key)).rejects.toMatchObject({ type: 'not-found' });
      expect(await store.readVersioned(key)).toBeUndefined();
      expect(await store.exists(key)).toBe(false);
      expect(await store.size(key)).toBeUndefined();
      await store.remove(key);
    }
    expect(await listed(store, 'none/')).toEqual([]);
    expect((await store.read('absent/folder/file')).toString()).toBe('x');
  });

  it('lets exactly one of 32 create a key, and keeps that one’s bytes', async () => {
    const { store, other } = open();
    const created = await Promise.all(
      racers.map((bytes, racer) => (racer % 2 === 0 ? store : other).create('create/one', bytes)),
    );
    const winners = racers.filter((_, racer) => created[racer]);
    expect(winners).toHaveLength(1);
    expect(await store.read('create/one')).toEqual(winners[0]);
  });

  it('lets exactly one of 32 swap from nothing, and exactly one from each generation after', async () => {
    const { store, other } = open();
    let expected: string | undefined;
    const seen = new Set<string>();
    for (let round = 0; round < 12; round++) {
      const moved = await Promise.all(
        racers.map((bytes, racer) =>
          (racer % 2 === 0 ? store : other).compareAndSwap('swap/alias.json', bytes, expected),
        ),
      );
      const winner = moved.findIndex((generation) => generation !== undefined);
      expect(moved.filter((generation) => generation !== undefined)).toHaveLength(1);
      const now = await other.readVersioned('swap/alias.json');
      expect(now).toEqual({ bytes: racers[winner], generation: moved[winner] });
      expected = now?.generation;
      seen.add(String(expected));
    }
    expect(seen.size).toBe(12);
    expect(await store.compareAndSwap('swap/alias.json', Buffer.from('late'), undefined)).toBeUndefined();
    expect(await store.compareAndSwap('swap/alias.json', Buffer.from('late'), [...seen][0])).toBeUndefined();
    expect(await listed(store, 'swap/')).toEqual(['swap/alias.json']);
  });

  it('counts to 40 with four writers that swap and try again, losing none, while it is read', async () => {
    const { store, other } = open();
    const finished = new AbortController();
    const reader = (async () => {
      let last = 0;
      while (!finished.signal.aborted) {
        const found = await other.readVersioned('swap/counter');
        const count = Number(found?.bytes.toString() ?? 0);
        expect(count).toBeGreaterThanOrEqual(last);
        last = count;
      }
    })();
    await Promise.all(
      [store, other, store, other].map(async (writer) => {
        for (let added = 0; added < 10;) {
          const found = await writer.readVersioned('swap/counter');
          const next = Buffer.from(String(Number(found?.bytes.toString() ?? 0) + 1));
          if (await writer.compareAndSwap('swap/counter', next, found?.generation)) added++;
        }
      }),
    );
    finished.abort();
    await reader;
    expect((await store.read('swap/counter')).toString()).toBe('40');
  });

  it('removes keys of both kinds, and a removed one starts anew with another generation', async () => {
    const { store, other } = open();
    await store.write('gone/plain', Buffer.from('x'));
    const first = await store.compareAndSwap('gone/moved', Buffer.from('x'), undefined);
    await store.remove('gone/plain');
    await other.remove('gone/moved');
    expect(await listed(store, 'gone/')).toEqual([]);
    await expect(store.read('gone/moved')).rejects.toMatchObject({ type: 'not-found' });
    expect(await store.compareAndSwap('gone/moved', Buffer.from('y'), first)).toBeUndefined();
    const second = await store.compareAndSwap('gone/moved', Buffer.from('y'), undefined);
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    expect(await store.create('gone/plain', Buffer.from('z'))).toBe(true);
  });

  it('changes the generation of a key with every write', async () => {
    const { store } = open();
    await store.write('generation/a', Buffer.from('same'));
    const first = await store.readVersioned('generation/a');
    expect(await store.readVersioned('generation/a')).toEqual(first);
    await store.write('generation/a', Buffer.from('same'));
    expect((await store.readVersioned('generation/a'))?.generation).not.toBe(first?.generation);
  });

  it('lists by prefix, also in mid-name', async () => {
    const { store } = open();
    const keys = ['list/ab/1', 'list/ab/2', 'list/abc', 'list/b/ab/3', 'list2/ab'];
    for (const key of keys) await store.write(key, Buffer.from(key));
    await store.compareAndSwap('list/ab/moved', Buffer.from('x'), undefined);
    expect(await listed(store, 'list/ab')).toEqual(['list/ab/1', 'list/ab/2', 'list/ab/moved', 'list/abc']);
    expect(await listed(store, 'list/ab/')).toEqual(['list/ab/1', 'list/ab/2', 'list/ab/moved']);
    expect(await listed(store, 'list/ab/m')).toEqual(['list/ab/moved']);
    expect(await listed(store, 'list')).toEqual([...keys, 'list/ab/moved'].sort());
    expect(await listed(store, '')).toEqual(expect.arrayContaining(keys));
  });

  it('lists sizes of keys of both kinds', async () => {
    const { store } = open();
    await store.write('sized/plain', Buffer.from('three'));
    await store.write('sized/empty', Buffer.alloc(0));
    await store.compareAndSwap('sized/moved', Buffer.from('one'), undefined);
    const found = new Map<string, number>();
    for await (const { key, bytes } of store.listSizes('sized/')) found.set(key, bytes);
    expect(found).toEqual(
      new Map([
        ['sized/plain', 5],
        ['sized/empty', 0],
        ['sized/moved', 3],
      ]),
    );
  });

  it('keeps empty and big bytes, and a blob once', async () => {
    const { store, other } = open();
    const big = Buffer.alloc(8 * 1024 * 1024, 'pictures ');
    const ref = await putBlob(store, big);
    expect(await putBlob(other, big)).toEqual(ref);
    expect((await readRef(other, ref)).equals(big)).toBe(true);
    expect(await listed(store, 'blobs/')).toEqual([blobKey(ref.sha256)]);
    await store.write('sizes/empty', Buffer.alloc(0));
    expect((await store.read('sizes/empty')).length).toBe(0);
    const generation = await store.compareAndSwap('sizes/empty-moved', Buffer.alloc(0), undefined);
    expect(await other.readVersioned('sizes/empty-moved')).toEqual({ bytes: Buffer.alloc(0), generation });
  });

  it('takes a view of a larger buffer for no more than it is', async () => {
    const { store } = open();
    const pooled = Buffer.from('before|inside|after');
    await store.write('view', pooled.subarray(7, 13));
    expect((await store.read('view')).toString()).toBe('inside');
  });

  it('takes keys in any script, with spaces and signs', async () => {
    const { store } = open();
    for (const key of ['schrift/Füchse 🦊.png', 'schrift/動物/猫?#%25 &+.png']) {
      await store.write(key, Buffer.from(key));
      expect((await store.read(key)).toString()).toBe(key);
    }
    expect(await listed(store, 'schrift/')).toHaveLength(2);
    expect(await listed(store, 'schrift/動')).toEqual(['schrift/動物/猫?#%25 &+.png']);
  });

  it.each([
    { key: '', why: 'nothing in it' },
    { key: '/etc/passwd', why: 'a slash at the beginning' },
    { key: 'a/../../b', why: 'a way upwards' },
    { key: 'a/./b', why: 'a dot for a segment' },
    { key: 'a//b', why: 'an empty segment' },
    { key: 'a/', why: 'a slash at the end' },
    { key: 'a\\b', why: 'a backslash' },
    { key: 'a\nb', why: 'a control character' },
    { key: 'a\ud800', why: 'half a character' },
    { key: 'a/.generations/b', why: 'a segment of the store’s own' },
    { key: `a/${'b'.repeat(256)}`, why: 'a segment of 256 bytes' },
    { key: `${'ab/'.repeat(400)}a`, why: '1,201 bytes' },
  ])('refuses a key with $why', async ({ key }) => {
    const { store } = open();
    const bytes = Buffer.from('x');
    const refused = { type: 'path-refused' };
    await expect((async () => store.read(key))()).rejects.toMatchObject(refused);
    await expect((async () => store.write(key, bytes))()).rejects.toMatchObject(refused);
    await expect((async () => store.create(key, bytes))()).rejects.toMatchObject(refused);
    await expect((async () => store.compareAndSwap(key, bytes, undefined))()).rejects.toMatchObject(refused);
    await expect((async () => store.remove(key))()).rejects.toMatchObject(refused);
  });
}

describe('a store in a folder', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drover-store-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const place = () => path.join(root, 'not-there-yet');
  describeStore(() => ({ store: openStore(place()), other: openStore(place()) }));

  it('is whole after its writers are killed at any moment, and loses nothing that was acknowledged', async () => {
    const store = openStore(place());
    for (let round = 0; round < 4; round++) {
      const acknowledged = await writeUntilKilled(place(), 3 + 4 * round);
      const count = Number((await store.read('killed/counter')).toString());
      expect(acknowledged).toBeGreaterThan(0);
      expect(count - acknowledged).toBeGreaterThanOrEqual(0);
      expect(count - acknowledged).toBeLessThanOrEqual(1);
      const plain = await store.read('killed/plain');
      expect(plain.equals(Buffer.alloc(300_000, plain[0]))).toBe(true);
      expect(await listed(store, 'killed/')).toEqual(['killed/counter', 'killed/plain']);
    }
  });
});

const emulatorFile = findBucketEmulator();
const describeBucket = emulatorFile === undefined ? describe.skip : describe;
describeBucket(
  emulatorFile === undefined
    ? 'a store in a bucket (skipped: the emulator fake-gcs-server is not on this machine)'
    : 'a store in a bucket',
  () => {
    let emulator: BucketEmulator | undefined;
    beforeAll(async () => {
      emulator = await startBucketEmulator(emulatorFile ?? '');
      await emulator.createBucket('drover-test');
    });
    afterAll(() => emulator?.stop());
    const view = () => openStore('gs://drover-test/some/prefix', { gcsEndpoint: emulator?.endpoint ?? '' });
    describeStore(() => ({ store: view(), other: view() }));

    it('says that there is no such bucket', async () => {
      const store = openStore('gs://no-such-bucket', { gcsEndpoint: emulator?.endpoint ?? '' });
      await expect(store.write('a', Buffer.from('x'))).rejects.toMatchObject({ type: 'not-found' });
    });
  },
);
