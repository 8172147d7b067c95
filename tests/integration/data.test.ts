import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { PreparedRef } from '../../contracts/refs';
import { storeKey } from '../../contracts/refs';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { IngestResult } from '../../contracts/results';
import { findingSchema, type Finding } from '../../contracts/schemas/dataset';
import { readLicences } from '../../lib/data/card/markdown';
import { readManifest } from '../../lib/data/manifest';
import { finishPreparation, planPreparation, preparationKey, prepareChunk } from '../../lib/data/preparation';
import { openPrepared } from '../../lib/data/prepared-set';
import { readHistory } from '../../lib/data/history';
import { decodePicture } from '../../lib/images/decode';
import { createRandom } from '../../lib/random';
import { createFolderStore } from '../../lib/storage/folder-store';
import { decodeLines } from '../../lib/storage/json-lines';
import { blobKey } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from '../support/datasets';

const preprocessing: Preprocessing = { size: 16, color: 'rgb', fit: 'contain' };
let root: string;
let stores = 0;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-data-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function newStore(): Store {
  stores += 1;
  return createFolderStore(path.join(root, `store-${stores}`));
}

/** A small picture of its own for every name. */
async function picture(name: string): Promise<Buffer> {
  const random = createRandom(name);
  const pixels = Buffer.from(Array.from({ length: 20 * 12 * 3 }, () => random.int(256)));
  return sharp(pixels, { raw: { width: 20, height: 12, channels: 3 } })
    .png()
    .toBuffer();
}

async function put(folder: string, file: string, bytes: Buffer | string): Promise<void> {
  const target = path.join(root, folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, bytes);
}

async function putPictures(folder: string, from: number, to: number): Promise<void> {
  for (const label of ['cat', 'dog']) {
    for (let n = from; n < to; n += 1) await put(folder, `${label}/${n}.png`, await picture(`${label} ${n}`));
  }
}

const ingest = (uri: string, store: Store, changes: Record<string, unknown> = {}): Promise<IngestResult> =>
  ingestDataset(store, datasetOf(uri, changes), optionsFor(root));

const prepare = async (store: Store, version: Pick<IngestResult, 'manifest'>): Promise<PreparedRef> =>
  (await prepareDataset(store, version, preprocessing)).prepared;

const findingsOf = async (store: Store, { manifest }: IngestResult): Promise<Finding[]> => {
  const key = (storeKey(manifest.uri) ?? '').replace('manifest.jsonl', 'findings.jsonl');
  return decodeLines(await store.read(key), findingSchema, key);
};

async function contents(store: Store, prefix: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const key of store.list(prefix)) found.set(key, (await store.read(key)).toString('base64'));
  return new Map([...found].sort());
}

describe('ingesting a folder', () => {
  it('names every bad picture with its reason and takes the rest', async () => {
    const folder = 'bad';
    await putPictures(folder, 0, 20);
    const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#a33' } })
      .jpeg()
      .toBuffer();
    const bomb = await picture('bomb');
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const frames = await Promise.all(['x', 'y'].map(picture));
    await put(folder, 'cat/text.jpg', 'I am a cat.');
    await put(folder, 'cat/cut.jpg', jpeg.subarray(0, jpeg.length - 200));
    await put(folder, 'cat/empty.png', '');
    await put(folder, 'cat/bomb.png', bomb);
    await put(folder, 'cat/notes.md', '# Cats');
    await put(
      folder,
      'cat/moving.gif',
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    );
    await put(folder, 'cat/wrong-name.jpg', await picture('a PNG'));
    await put(folder, 'cat/twice.png', await picture('cat 3'));
    await put(folder, 'cat/both.png', await picture('both'));
    await put(folder, 'dog/both.png', await picture('both'));
    await put(folder, 'stray.png', await picture('stray'));

    const store = newStore();
    const result = await ingest(folder, store);
    const findings = await findingsOf(store, result);
    const dropped = findings.filter((finding) => finding.dropped);
    expect(result.rejected).toBe(dropped.length);
    const reasons = Object.fromEntries(dropped.map(({ path: at, reason }) => [at, reason]));
    expect(reasons).toEqual({
      'cat/text.jpg': expect.stringContaining('Found text'),
      'cat/cut.jpg': expect.stringContaining('cut off'),
      'cat/empty.png': expect.stringContaining('empty'),
      'cat/bomb.png': expect.stringContaining('2500 megapixels'),
      'cat/notes.md': expect.stringContaining('Found text'),
      'cat/twice.png': expect.stringContaining('cat/3.png'),
      'cat/both.png': expect.stringContaining('dog/both.png'),
      'dog/both.png': expect.stringContaining('cat/both.png'),
      'stray.png': expect.stringContaining('no class folder'),
    });

    const entries = await readManifest(store, result.manifest);
    const paths = entries.map((entry) => entry.path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toHaveLength(42);
    expect(paths).toEqual(expect.arrayContaining(['cat/moving.gif', 'cat/wrong-name.jpg']));
    for (const { sha256 } of entries) expect(await store.exists(blobKey(sha256))).toBe(true);
    const kept = findings.filter((finding) => !finding.dropped).map(({ path: at, kind }) => [at, kind]);
    expect(kept).toEqual([
      ['cat/moving.gif', 'animated'],
      ['cat/wrong-name.jpg', 'wrong_extension'],
    ]);
    const page = (await store.read(storeKey(result.card?.uri ?? '') ?? '')).toString();
    expect(page).toContain('bomb.png');
    expect(page).toContain('2500 megapixels');
    const licences = await readLicences(store, result.manifest);
    expect(licences).toContain('whoever put the folder together');
  });

  it('gives the same version for the same pictures, and moves none when more come', async () => {
    const store = newStore();
    await putPictures('growing', 0, 20);
    const before = await ingest('growing', store);
    expect(await ingest('growing', newStore())).toEqual(before);
    expect(await ingest('growing', store)).toEqual(before);
    await putPictures('growing', 20, 40);
    const after = await ingest('growing', store);
    expect(after.manifest.sha256).not.toBe(before.manifest.sha256);
    const places = new Map(
      (await readManifest(store, after.manifest)).map((entry) => [entry.path, entry.split]),
    );
    const old = await readManifest(store, before.manifest);
    expect(old.map((entry) => places.get(entry.path))).toEqual(old.map((entry) => entry.split));
  });

  it('says why where nothing is left to train on', async () => {
    await put('empty', 'cat/a.jpg', 'text');
    await put('empty', 'dog/b.jpg', 'text');
    const work = ingest('empty', newStore());
    await expect(work).rejects.toMatchObject({ type: 'dataset-invalid' });
    await expect(work).rejects.toThrow(/2 files were left out, such as cat\/a\.jpg: Found text/);
  });

  it('stops at a failing store and at a signal, with their own reasons, and goes on where it was', async () => {
    await putPictures('stopped', 0, 20);
    const full = { ...newStore(), create: () => Promise.reject(new Error('no space left')) };
    await expect(ingest('stopped', full)).rejects.toThrow('no space left');
    const stop = new AbortController();
    const store = newStore();
    const done: number[] = [];
    const work = ingestDataset(store, datasetOf('stopped'), {
      ...optionsFor(root),
      signal: stop.signal,
      onProgress: (progress) => {
        done.push(progress.done);
        if (progress.done === 10) stop.abort(new Error('cancelled'));
      },
    });
    await expect(work).rejects.toThrow('cancelled');
    expect(Math.max(...done)).toBeLessThan(25);
    expect(await readHistory(store, 'pets')).toEqual([]);
    expect(await ingest('stopped', store)).toEqual(await ingest('stopped', newStore()));
  });

  it('reads a file again only where its size or times changed', async () => {
    await putPictures('stamped', 0, 10);
    const store = newStore();
    const blobs: string[] = [];
    const counted: Store = {
      ...store,
      exists: (key) => {
        if (key.startsWith('blobs/')) blobs.push(key);
        return store.exists(key);
      },
    };
    await ingest('stamped', counted);
    expect(blobs).toHaveLength(20);
    await put('stamped', 'cat/3.png', await picture('another'));
    await put('stamped', 'dog/new.png', await picture('new'));
    blobs.length = 0;
    await ingest('stamped', counted);
    expect(blobs).toHaveLength(2);
  });

  it('gives two ingests of one dataset at once the same version, and both are whole', async () => {
    await putPictures('twice', 0, 20);
    const store = newStore();
    const [one, other] = await Promise.all([ingest('twice', store), ingest('twice', store)]);
    expect(one.manifest).toEqual(other.manifest);
    expect(await readHistory(store, 'pets')).toHaveLength(1);
    expect(await readManifest(store, one.manifest)).toHaveLength(40);
  });

  it('keeps the splits of two that ingest different halves at once', async () => {
    await putPictures('half', 0, 20);
    await putPictures('other-half', 20, 40);
    const store = newStore();
    const [one, other] = await Promise.all([ingest('half', store), ingest('other-half', store)]);
    await putPictures('half', 20, 40);
    const both = await ingest('half', store);
    const places = new Map(
      (await readManifest(store, both.manifest)).map((entry) => [entry.sha256, entry.split]),
    );
    for (const { manifest } of [one, other]) {
      for (const entry of await readManifest(store, manifest))
        expect(places.get(entry.sha256)).toBe(entry.split);
    }
  });
});

describe('preparing a dataset version', () => {
  it('gives every picture as the one decoder does, with its label, under its split', async () => {
    const store = newStore();
    await putPictures('whole', 0, 30);
    const ingested = await ingest('whole', store);
    const set = await openPrepared(store, await prepare(store, ingested));
    const entries = await readManifest(store, ingested.manifest);
    expect(set.index.classes).toEqual(['cat', 'dog']);
    let seen = 0;
    for (const name of ['train', 'validation', 'test'] as const) {
      const { count, images, labels, pictures } = await set.load(name);
      expect(count).toBe(ingested.perSplit[name]);
      expect(set.count(name)).toBe(count);
      for (const [n, sha256] of pictures.entries()) {
        const entry = entries.find((candidate) => candidate.sha256 === sha256);
        expect(entry?.split).toBe(name);
        expect(entry?.label).toBe(set.index.classes[labels[n] ?? -1]);
        const pixels = await decodePicture(await store.read(blobKey(sha256)), preprocessing);
        expect(Buffer.compare(pixels, images.subarray(n * set.recordBytes, (n + 1) * set.recordBytes))).toBe(
          0,
        );
        seen += 1;
      }
    }
    expect(seen).toBe(60);
  });

  it('records mean and deviation of the training pictures alone', async () => {
    const store = newStore();
    await putPictures('figures', 0, 20);
    const set = await openPrepared(store, await prepare(store, await ingest('figures', store)));
    const { images } = await set.load('train');
    for (const channel of [0, 1, 2]) {
      const values = [...images].filter((_, at) => at % 3 === channel);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(set.index.normalisation.mean[channel]).toBeCloseTo(mean, 6);
      expect(set.index.normalisation.std[channel]).toBeCloseTo(Math.sqrt(variance), 6);
    }
  });

  it('gives the same bytes where a chunk was stopped half-way, and where all is done twice', async () => {
    await putPictures('killed', 0, 20);
    const calm = newStore();
    await prepare(calm, await ingest('killed', calm));

    const store = newStore();
    const ingested = await ingest('killed', store);
    const { manifest } = ingested;
    const { chunks } = await planPreparation({ store, name: 'pets', manifest, preprocessing });
    const stop = new AbortController();
    const half = prepareChunk({
      ...{ store, name: 'pets', preprocessing, signal: stop.signal },
      chunk: chunks[0]?.chunk ?? { uri: '', sha256: '' },
      onProgress: ({ done }) => {
        if (done === 1) stop.abort(new Error('killed'));
      },
    });
    await expect(half).rejects.toThrow('killed');
    await prepare(store, ingested);
    await prepare(store, ingested);
    expect(await contents(store, 'prepared/')).toEqual(await contents(calm, 'prepared/'));
  });

  it('decodes only what is new, and gives the set that it would have given from the start', async () => {
    await putPictures('grown', 0, 20);
    const store = newStore();
    const first = await prepareDataset(store, await ingest('grown', store), preprocessing);
    expect(first.decoded).toBe(40);
    await putPictures('grown', 20, 23);
    await rm(path.join(root, 'grown/cat/0.png'));
    // A picture under another class: its pixels are as they were.
    await put('grown', 'dog/moved.png', await picture('cat 1'));
    await rm(path.join(root, 'grown/cat/1.png'));
    const version = await ingest('grown', store);
    const grown = await prepareDataset(store, version, preprocessing);
    expect(grown.decoded).toBe(6);

    const fresh = newStore();
    for (const kind of ['blobs/', 'datasets/']) {
      for await (const key of store.list(kind)) {
        const bytes = await store.read(key);
        if (key.includes('/splits/') || key.endsWith('history.json')) continue;
        await fresh.write(key, bytes);
      }
    }
    const anew = await prepareDataset(fresh, version, preprocessing);
    expect(anew.decoded).toBe(45);
    const [a, b] = [await openPrepared(store, grown.prepared), await openPrepared(fresh, anew.prepared)];
    for (const split of ['train', 'validation', 'test'] as const) {
      const [one, other] = [await a.load(split), await b.load(split)];
      expect(Buffer.compare(one.images, other.images)).toBe(0);
      expect([...one.labels]).toEqual([...other.labels]);
      expect(one.pictures).toEqual(other.pictures);
    }
    expect(a.index.normalisation).toEqual(b.index.normalisation);
  });

  it('makes anew what lies in shards that are mostly of pictures gone by now', async () => {
    await putPictures('shrunk', 0, 30);
    const store = newStore();
    await prepareDataset(store, await ingest('shrunk', store), preprocessing);
    await rm(path.join(root, 'shrunk'), { recursive: true });
    await putPictures('shrunk', 0, 12);
    const { decoded, prepared } = await prepareDataset(store, await ingest('shrunk', store), preprocessing);
    expect(decoded).toBe(24);
    const { index } = await openPrepared(store, prepared);
    expect(index.shards.map(({ count }) => count)).toEqual([24]);
  });

  it('is another set for another preprocessing or dataset', async () => {
    await putPictures('keys', 0, 20);
    const store = newStore();
    const { manifest } = await ingest('keys', store);
    const { manifest: renamed } = await ingest('keys', store, { name: 'animals' });
    const keys = [
      preparationKey(manifest, preprocessing),
      preparationKey(manifest, { ...preprocessing, color: 'grey' }),
      preparationKey(renamed, preprocessing),
    ];
    expect(new Set(keys).size).toBe(3);
    expect(preparationKey({ ...manifest }, { ...preprocessing })).toBe(keys[0]);
  });

  it('refuses pictures, shards and an index that were changed, and parts that are missing', async () => {
    await putPictures('changed', 0, 20);
    const store = newStore();
    const ingested = await ingest('changed', store);
    const { manifest } = ingested;
    const key = preparationKey(manifest, preprocessing);
    const missing = finishPreparation({ store, name: 'pets', manifest, key, preprocessing });
    await expect(missing).rejects.toThrow('some parts are missing');
    const prepared = await prepare(store, ingested);
    const set = await openPrepared(store, prepared);
    const shard = storeKey(set.index.shards[0]?.ref.uri ?? '') ?? '';
    const bytes = await store.read(shard);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await store.write(shard, bytes);
    await expect(set.load('train')).rejects.toMatchObject({ type: 'digest-mismatch' });
    await store.write(storeKey(prepared.uri) ?? '', Buffer.from('{}'));
    await expect(openPrepared(store, prepared)).rejects.toMatchObject({ type: 'digest-mismatch' });

    const [entry] = await readManifest(store, manifest);
    await store.write(blobKey(entry?.sha256 ?? ''), await picture('another'));
    const other = prepareDataset(store, ingested, { ...preprocessing, size: 24 });
    await expect(other).rejects.toMatchObject({ type: 'digest-mismatch' });
  });

  it('names a picture that no longer decodes, and goes on', async () => {
    const store = newStore();
    await putPictures('undecodable', 0, 20);
    const ingested = await ingest('undecodable', store);
    const entries = await readManifest(store, ingested.manifest);
    // As after an upgrade of the decoder that is stricter: a manifest may hold what it now refuses.
    const { writeManifest } = await import('../../lib/data/manifest');
    const { putBlob } = await import('../../lib/storage/refs');
    const { sha256 } = await putBlob(store, Buffer.from('no picture'));
    const worse = [...entries, { path: 'dog/zzz.png', label: 'dog', sha256, split: 'train' as const }];
    const { manifest } = await writeManifest(store, 'pets', worse);
    const set = await openPrepared(store, await prepare(store, { ...ingested, manifest }));
    expect(set.index.rejected).toEqual([
      { path: 'dog/zzz.png', reason: expect.stringContaining('Found text') },
    ]);
    expect(set.index.pictures).toHaveLength(40);
  });
});

describe('the sample set, ingested', () => {
  it('is one version, byte for byte, with each style in the split that its table says', async () => {
    const uri = 'sample://animals?variations=2&size=32';
    const store = newStore();
    const first = await ingest(uri, store, { name: 'animals' });
    const second = await ingest(uri, newStore(), { name: 'animals' });
    expect(second.manifest).toEqual(first.manifest);
    expect(first.rejected).toBe(0);
    expect(first.classes).toHaveLength(10);
    expect(first.perSplit).toEqual({ train: 80, validation: 18, test: 20 });
    for (const entry of await readManifest(store, first.manifest)) {
      expect(entry.split === 'test').toBe(entry.path.startsWith('twemoji/'));
    }
  });
});
