import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storeUri, type PreparedRef } from '../../../contracts/refs';
import { splitNames } from '../../../contracts/schemas/documents';
import { preprocessingSchema } from '../../../contracts/schemas/preprocessing';
import { exportVersion } from '../../../lib/data/export';
import { findGarbage, removeGarbage } from '../../../lib/data/gc';
import { listDatasets, readHistory } from '../../../lib/data/history';
import { latestPrepared } from '../../../lib/data/latest-prepared';
import { keysUnder } from '../../../lib/data/lineage';
import { readManifest } from '../../../lib/data/manifest';
import { openPrepared } from '../../../lib/data/prepared-set';
import { beginWork, endWork } from '../../../lib/data/under-way';
import { createRandom } from '../../../lib/random';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { blobKey, putBlob, putJson, readRef, sha256 } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { DataHistory } from '../../support/data-history';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from '../../support/datasets';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-gc-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function newHistory(seed: string): Promise<DataHistory> {
  const folder = path.join(root, seed);
  const history = new DataHistory(
    createFolderStore(path.join(folder, 'store')),
    path.join(folder, 'sources'),
    seed,
  );
  await history.begin();
  return history;
}

function wish({ models }: Pick<DataHistory, 'models'>, keep?: number, graceMs = 0) {
  return { keep, graceMs, models: async () => models, now: new Date('2026-12-01T00:00:00Z') };
}

/** Every version that a history names, with its manifest, after all of its pictures were read and compared. */
async function readable(store: Store): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await listDatasets(store)) {
    for (const { version, manifest } of await readHistory(store, name)) {
      const entries = await readManifest(store, manifest);
      await Promise.all(
        entries.map(({ sha256 }) => readRef(store, { uri: storeUri(blobKey(sha256)), sha256 })),
      );
      found.set(`${name}@${version}`, JSON.stringify(entries));
    }
  }
  return found;
}

/** The files that exports of all versions write, with their digests. */
async function exported(store: Store): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await listDatasets(store)) {
    for (const { version, manifest } of await readHistory(store, name)) {
      const folder = path.join(root, 'exports', version);
      await exportVersion({ store, name, manifest, folder, layout: 'split' });
      for (const file of await readdir(folder, { recursive: true })) {
        if (file.endsWith('.png'))
          found.set(`${name}@${version}/${file}`, sha256(await readFile(path.join(folder, file))));
      }
      await rm(folder, { recursive: true });
    }
  }
  return found;
}

/** Opens and reads all of every prepared set that something names. */
async function requirePrepared(history: DataHistory): Promise<void> {
  const { store, models } = history;
  const latest = await latestPrepared(store);
  const runs = await keysUnder(store, 'runs/', /result\.json$/);
  const memos = await keysUnder(store, 'cache/preprocess/', /./);
  const documents = await Promise.all(
    [...runs, ...memos].map(
      async (key) => JSON.parse((await store.read(key)).toString()) as { prepared: PreparedRef },
    ),
  );
  const refs = [
    ...documents.map(({ prepared }) => prepared),
    ...models.map(({ lineage }) => lineage.prepared),
  ];
  for (const ref of latest ? [...refs, latest] : refs) {
    const set = await openPrepared(store, ref);
    for (const split of splitNames) await set.load(split);
  }
  // The next preparation takes what parts say for there.
  for (const key of await keysUnder(store, 'prepared/pools/', /\/part-/)) {
    expect(await store.exists(key.replace('/part-', '/shard-').replace('.json', '.bin'))).toBe(true);
  }
}

/** Pictures and shards that nothing names, counted without the code under test. */
async function unneeded(history: DataHistory): Promise<string[]> {
  const { store, models } = history;
  const named = new Set<string>();
  const manifests = [
    ...(await Promise.all((await listDatasets(store)).map((name) => readHistory(store, name)))).flat(),
    ...models.map(({ lineage }) => lineage),
  ].map(({ manifest }) => manifest);
  for (const manifest of manifests)
    for (const entry of await readManifest(store, manifest)) named.add(entry.sha256);
  for (const key of await keysUnder(store, 'prepared/', /index\.json$/)) {
    const digest = sha256(await store.read(key));
    const { index } = await openPrepared(store, { uri: storeUri(key), sha256: digest });
    for (const { ref } of index.shards) named.add(ref.uri.replace(/^.*shard-(.*)\.bin$/, '$1'));
  }
  const keys = await keysUnder(store, '', /^blobs\/|\/(part|shard|chunk)-/);
  const isNamed = (key: string): boolean =>
    key.includes('/examined/') ||
    named.has(key.replace(/^.*\/(?:part-|shard-)?([^/.]+)(?:\.[a-z]+)?$/, '$1'));
  return keys.filter((key) => !isNamed(key));
}

/** A store that is killed: after so many removals or writes none is done any more. */
function dying(store: Store, lives: number): Store {
  let left = lives;
  const unlessDead = <A extends unknown[], R>(work: (...given: A) => Promise<R>) => {
    return (...given: A): Promise<R> => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : work(...given);
    };
  };
  return {
    ...store,
    remove: unlessDead(store.remove),
    write: unlessDead(store.write),
    compareAndSwap: unlessDead(store.compareAndSwap),
  };
}

describe('cleaning', () => {
  it.each(['ash', 'birch', 'cedar'])(
    'after any history (%s) keeps every kept version byte for byte, and nothing that nobody needs',
    async (seed) => {
      const history = await newHistory(seed);
      const { store } = history;
      const random = createRandom(`cleaning ${seed}`);
      let removed = 0;
      for (let round = 0; round < 3; round += 1) {
        for (let step = 0; step < 12; step += 1) await history.step();
        const before = { readable: await readable(store), exported: await exported(store) };
        const keep = round === 0 ? undefined : 1 + random.int(2);
        removed += (await findGarbage(store, wish(history, keep))).objects;

        // Killed again and again on its way, each time a little later, and whole each time.
        let died = true;
        for (let lives = 2; died; lives = Math.ceil(lives * 1.7)) {
          died = await removeGarbage(dying(store, lives), wish(history, keep)).then(
            () => false,
            (error: unknown) => {
              expect(error).toHaveProperty('message', 'killed');
              return true;
            },
          );
          for await (const key of store.list('under-way/cleaning/')) await store.remove(key);
          for (const [version, entries] of await readable(store))
            expect(entries).toBe(before.readable.get(version));
          await requirePrepared(history);
        }

        const after = { readable: await readable(store), exported: await exported(store) };
        for (const [version, entries] of after.readable) expect(entries).toBe(before.readable.get(version));
        for (const [file, digest] of after.exported) expect(digest).toBe(before.exported.get(file));
        if (keep === undefined) expect(after).toEqual(before);
        for (const name of await listDatasets(store))
          expect((await readHistory(store, name)).length).toBeGreaterThan(0);
        await requirePrepared(history);
        expect(await unneeded(history)).toEqual([]);
        expect(await findGarbage(store, wish(history, keep))).toMatchObject({ objects: 0, versions: [] });
      }
      expect(removed).toBeGreaterThan(0);
      // What was cleaned away of a source is read again, and the rest is not missed.
      for (const name of ['pets', 'cars']) await history.ingest(name);
      await history.prepare();
      await requirePrepared(history);
      expect((await readable(store)).size).toBeGreaterThan(0);
    },
    120_000,
  );

  it('keeps a version that a model comes from, and one that was the newest a short while ago', async () => {
    const history = await newHistory('fir');
    const { store } = history;
    const versions = async (): Promise<string[]> =>
      (await readHistory(store, 'pets')).map(({ version }) => version);
    await history.ingest('pets');
    const [first = ''] = await versions();
    const [entry] = await readHistory(store, 'pets');
    while ((await versions()).length < 3) {
      await history.addPictures('pets', 'cat', 2);
      await history.ingest('pets');
    }
    const [, second, third] = await versions();
    const result = { uri: 'store://runs/r/result.json', sha256: first };
    if (entry === undefined) throw new Error('no version');
    history.models.push({ lineage: { run: 'r', result, prepared: result, manifest: entry.manifest } });

    // The tests' versions are all of 25 November, and this is 1 December.
    await removeGarbage(store, wish(history, 1, 7 * 86_400_000));
    expect(await versions()).toEqual([first, second, third]);
    await removeGarbage(store, wish(history, 1, 86_400_000));
    expect(await versions()).toEqual([first, third]);
    history.models.length = 0;
    await removeGarbage(store, wish(history, 1));
    expect(await versions()).toEqual([third]);
    expect(await readable(store)).toHaveProperty('size', 1);
  }, 60_000);

  it('lets the next ingest read what was left out, and nothing that stayed', async () => {
    const history = await newHistory('hazel');
    const { store } = history;
    await history.addOddFiles('pets');
    await history.ingest('pets');
    const kept = await readable(store);
    const garbage = await removeGarbage(store, wish(history));
    // A tiny one and one that is cut off; a text never came into the store.
    expect(garbage.kinds.pictures.objects).toBe(2);
    expect(garbage.kinds.pictures.bytes).toBeGreaterThan(60);

    const read: string[] = [];
    const counted: Store = {
      ...store,
      create: (key, bytes) => {
        read.push(key);
        return store.create(key, bytes);
      },
    };
    const sources = path.join(root, 'hazel', 'sources');
    await ingestDataset(counted, datasetOf(path.join(sources, 'pets')), optionsFor(sources));
    expect(read).toHaveLength(2);
    expect(await readable(store)).toEqual(kept);
  }, 60_000);

  it('keeps a prepared set that a run was trained on, and removes it when nothing names it', async () => {
    const { store, ...history } = await newHistory('juniper');
    const sources = path.join(root, 'juniper', 'sources');
    const result = await ingestDataset(store, datasetOf(path.join(sources, 'pets')), optionsFor(sources));
    const { prepared } = await prepareDataset(store, result, preprocessingSchema.parse({ size: 8 }));
    await putJson(store, 'runs/r/result.json', { run: 'r', prepared });
    const clean = () => removeGarbage(store, { ...wish(history), now: new Date() });
    await clean();
    expect((await (await openPrepared(store, prepared)).load('train')).count).toBeGreaterThan(0);
    await store.remove('runs/r/result.json');
    await clean();
    expect(await keysUnder(store, 'prepared/', /./)).toEqual([]);
  }, 60_000);

  it('takes sizes from listings, says how far it has looked, and is stopped while it looks', async () => {
    const { store, ...history } = await newHistory('elm');
    for (let n = 0; n < 20; n += 1) await putBlob(store, Buffer.from(`${n}`.padStart(10)));
    const asked: string[] = [];
    const counted: Store = {
      ...store,
      size: (key) => {
        asked.push(key);
        return store.size(key);
      },
    };
    const looked: number[] = [];
    const onLook = (objects: number) => void looked.push(objects);
    const found = await findGarbage(counted, wish(history), { onLook });
    expect(found.kinds.pictures).toEqual({ objects: 20, bytes: 200 });
    expect([looked.at(-1), asked]).toEqual([20, []]);

    const stopping = new AbortController();
    const stopped = removeGarbage(store, wish(history), undefined, {
      onLook: () => stopping.abort(new Error('stopped')),
      signal: stopping.signal,
    });
    await expect(stopped).rejects.toThrow('stopped');
    expect(await keysUnder(store, 'blobs/', /./)).toHaveLength(20);
    expect(await keysUnder(store, 'under-way/', /./)).toEqual([]);
  });

  it('does nothing while an ingest is under way, nor where a manifest is damaged', async () => {
    const history = await newHistory('larch');
    const { store } = history;
    await history.ingest('pets');
    await putBlob(store, Buffer.from('not named yet'));
    await beginWork(store, 'ingest-1');
    const objects = (await keysUnder(store, 'blobs/', /./)).length;
    await expect(removeGarbage(store, wish(history))).rejects.toMatchObject({ type: 'start-refused' });
    await endWork(store, 'ingest-1');

    const [manifest = ''] = await keysUnder(store, 'datasets/', /manifest\.jsonl$/);
    await store.write(manifest, Buffer.from(''));
    await expect(removeGarbage(store, wish(history))).rejects.toMatchObject({ type: 'digest-mismatch' });
    expect(await keysUnder(store, 'blobs/', /./)).toHaveLength(objects);
  }, 60_000);

  it('leaves a dataset of version 0.1.0, which has no history, as it is', async () => {
    const history = await newHistory('maple');
    const { store } = history;
    await history.ingest('pets');
    await store.remove('datasets/pets/history.json');
    const before = await keysUnder(store, 'blobs/', /./);
    await removeGarbage(store, wish(history, 1));
    expect(await keysUnder(store, 'datasets/pets/', /manifest\.jsonl$/)).toHaveLength(1);
    expect(await keysUnder(store, 'blobs/', /./)).toEqual(before);
  }, 60_000);
});
