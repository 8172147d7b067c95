import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SplitName } from '../../../contracts/schemas/documents';
import { withAssignments } from '../../../lib/data/assignments';
import { claimVersion } from '../../../lib/data/claims';
import { listDatasets, readHistory, recordVersion, versionBefore } from '../../../lib/data/history';
import { beginWork, endWork, whileCleaning } from '../../../lib/data/under-way';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { sha256 } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';

let root = '';
let store: Store;
let stores = 0;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-records-'));
});
beforeEach(() => {
  stores += 1;
  store = createFolderStore(path.join(root, String(stores)));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const shares = { validation: 0.2, test: 0.2, seed: 1 };

describe('assignments', () => {
  /** Puts what it doesn't know into train, and what it knows where it was. */
  const toTrain =
    (...names: string[]) =>
    (known: ReadonlyMap<string, SplitName>) => ({
      known,
      assigned: new Map<string, SplitName>(
        names.map((name) => [sha256(name), known.get(sha256(name)) ?? (names.length > 1 ? 'train' : 'test')]),
      ),
    });

  it('are known to the next, also of pictures that were away in between', async () => {
    await withAssignments(store, 'pets', shares, toTrain('a'));
    await withAssignments(store, 'pets', shares, toTrain('b', 'c'));
    const { assigned } = await withAssignments(store, 'pets', shares, toTrain('a', 'b'));
    expect(assigned.get(sha256('a'))).toBe('test');
    expect(assigned.get(sha256('b'))).toBe('train');
  });

  it('begin anew with another seed, and are each dataset’s own', async () => {
    await withAssignments(store, 'pets', shares, toTrain('a'));
    expect((await withAssignments(store, 'pets', { ...shares, seed: 2 }, toTrain('a'))).known.size).toBe(0);
    expect((await withAssignments(store, 'cars', shares, toTrain('a'))).known.size).toBe(0);
  });

  it('of ingests at the same time agree: each picture has the split that is kept', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => withAssignments(store, 'pets', shares, toTrain('a', `only ${n}`))),
    );
    const { known } = await withAssignments(store, 'pets', shares, toTrain('a', 'b'));
    for (const { assigned } of results) {
      for (const [digest, split] of assigned) expect(known.get(digest)).toBe(split);
    }
    expect(known.size).toBe(13);
  });
});

describe('a dataset’s history', () => {
  const entry = (name: string) => ({
    version: sha256(name),
    manifest: { uri: `store://datasets/pets/${name}/manifest.jsonl`, sha256: sha256(name) },
    ...{ at: '2026-11-25T00:00:00.000Z', source: './photos', pictures: 1, classes: 2, dropped: 0 },
  });

  it('notes a version once while it is the newest, and again where an older one comes back', async () => {
    const before = (name: string) => versionBefore(store, 'pets', sha256(name));
    expect(await before('a')).toBeUndefined();
    await recordVersion(store, 'pets', undefined, entry('a'));
    await recordVersion(store, 'pets', sha256('a'), entry('a'));
    expect(await before('a')).toBeUndefined();
    expect(await before('b')).toEqual(entry('a'));
    await recordVersion(store, 'pets', sha256('a'), entry('b'));
    expect(await before('b')).toEqual(entry('a'));
    await recordVersion(store, 'pets', sha256('b'), entry('a'));
    expect(await before('a')).toEqual(entry('b'));
    expect((await readHistory(store, 'pets')).map(({ version }) => version)).toEqual(
      ['a', 'b', 'a'].map(sha256),
    );
    expect(await listDatasets(store)).toEqual(['pets']);
    expect(await readHistory(store, 'none')).toEqual([]);
  });

  it('takes one of many that were begun after the same version, and tells the others', async () => {
    await recordVersion(store, 'pets', undefined, entry('a'));
    const names = Array.from({ length: 16 }, (_, n) => `v${n}`);
    const noted = await Promise.all(
      names.map((name) => recordVersion(store, 'pets', sha256('a'), entry(name))),
    );
    const winners = names.filter((_, at) => noted[at]);
    expect(winners).toHaveLength(1);
    const found = (await readHistory(store, 'pets')).map(({ version }) => version);
    expect(found).toEqual(['a', ...winners].map(sha256));
    expect(await recordVersion(store, 'pets', undefined, entry('b'))).toBe(false);
  });
});

describe('a claim on a version', () => {
  const claim = (by: string, version = 'a') =>
    claimVersion(store, { name: 'pets', version: sha256(version), by, at: '2026-11-25T00:00:00.000Z' });

  it('is given to one of many, and to the same one again', async () => {
    const watchers = Array.from({ length: 16 }, (_, n) => `watch ${n}`);
    const got = await Promise.all(watchers.map((by) => claim(by)));
    expect(got.filter(Boolean)).toHaveLength(1);
    const owner = watchers[got.indexOf(true)] ?? '';
    expect(await claim(owner)).toBe(true);
    expect(await claim('another')).toBe(false);
    expect(await claim('another', 'b')).toBe(true);
  });
});

describe('work and cleaning', () => {
  it('keep out of each other’s way, whichever comes first', async () => {
    await beginWork(store, 'ingest-1');
    await expect(whileCleaning(store, async () => 'cleaned')).rejects.toMatchObject({
      type: 'start-refused',
    });
    await endWork(store, 'ingest-1');
    await whileCleaning(store, async () => {
      await expect(beginWork(store, 'ingest-2')).rejects.toMatchObject({ type: 'storage-unavailable' });
      await expect(whileCleaning(store, async () => undefined)).rejects.toMatchObject({
        type: 'start-refused',
      });
    });
    await expect(beginWork(store, 'ingest-2')).resolves.toBeUndefined();
  });

  it('never lets two cleanings go on beside each other, however close together they begin', async () => {
    let cleaning = 0;
    let most = 0;
    const clean = async (): Promise<void> => {
      most = Math.max(most, (cleaning += 1));
      await setTimeout(50);
      cleaning -= 1;
    };
    await Promise.allSettled(Array.from({ length: 8 }, () => whileCleaning(store, clean)));
    expect(most).toBeLessThanOrEqual(1);
    await expect(whileCleaning(store, async () => 'cleaned')).resolves.toBe('cleaned');
  });

  it('are not held up for ever by what was killed', async () => {
    const old = Buffer.from(JSON.stringify({ at: '2020-01-01T00:00:00.000Z' }));
    await store.write('under-way/work/killed.json', old);
    await store.write('under-way/cleaning/killed.json', old);
    await expect(beginWork(store, 'ingest-3')).resolves.toBeUndefined();
    await endWork(store, 'ingest-3');
    expect(await whileCleaning(store, async () => 'cleaned')).toBe('cleaned');
    expect(await store.exists('under-way/work/killed.json')).toBe(false);
    expect(await store.exists('under-way/cleaning/killed.json')).toBe(false);
  });

  it('cleans beside what was announced where a person knows that it will never end', async () => {
    await beginWork(store, 'ingest-terminated');
    expect(await whileCleaning(store, async () => 'cleaned', { ignoreWork: true })).toBe('cleaned');
    expect(await whileCleaning(store, async () => 'cleaned')).toBe('cleaned');
  });

  it('lets the cleaning end where it fails', async () => {
    await expect(whileCleaning(store, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    await expect(beginWork(store, 'ingest-4')).resolves.toBeUndefined();
  });
});
