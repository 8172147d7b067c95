import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSource } from '../../lib/data/sources/open-source';
import type { SourceOptions } from '../../lib/data/sources/source';
import { openGoogleClient } from '../../lib/storage/google-client';
import { tarOf, zipOf } from '../support/archives';
import { datasetOf, ingestDataset } from '../support/datasets';
import { writeTwoColours } from '../support/two-colours';
import { openStore } from '../../lib/storage/open-store';
import { findBucketEmulator, startBucketEmulator, type BucketEmulator } from '../support/bucket-emulator';
import { listPictures, pets, readLocated, serveFiles } from '../support/pictures';
import { sourceOptionsFor } from '../support/source-options';
import type { WebServer } from '../support/web-server';

const emulatorFile = findBucketEmulator();
const times = { firstWaitMs: 1, attempts: 2 };

let root: string;
let web: WebServer;
let emulator: BucketEmulator | undefined;
let options: SourceOptions;

const parts = (before = '') => [...pets].map(([name, bytes]) => ({ name: `${before}${name}`, bytes }));
const csv = (column: 'path' | 'url', address: (name: string) => string): Buffer =>
  Buffer.from(
    [
      `${column},label,extra`,
      ...[...pets.keys()].map((name) => `"${address(name)}",${String(name.split('/')[0])},x`),
    ].join('\r\n'),
  );
const jsonl = Buffer.from(
  [...pets.keys()].map((name) => JSON.stringify({ path: name, label: name.split('/')[0] })).join('\n'),
);
const encoded = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

/** Every file of a place that may be a folder, a bucket or a web server. */
const place: ReadonlyMap<string, Buffer> = new Map([
  ...[...pets].map(([name, bytes]) => [`pets/${name}`, bytes] as const),
  ['plain.zip', zipOf(parts())],
  ['top.zip', zipOf([{ name: 'pets/LICENSE', bytes: Buffer.from('all yours') }, ...parts('pets/')].slice(1))],
  ['deep.zip', zipOf([{ name: 'set-1.0/raw-img/', mode: 0o040755 }, ...parts('set-1.0/raw-img/')])],
  ['set.tar', tarOf([{ name: './', type: '5' }, ...parts('./')])],
  ['set.tar.gz', gzipSync(tarOf(parts('pets/')))],
  ['set.tgz', gzipSync(tarOf(parts()))],
  ['pets/index.csv', csv('path', (name) => name)],
  ['pets/index.jsonl', jsonl],
  ['pets/urls.csv', csv('url', encoded)],
]);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-sources-'));
  for (const [name, bytes] of place) {
    await mkdir(path.dirname(path.join(root, 'here', name)), { recursive: true });
    await writeFile(path.join(root, 'here', name), bytes);
  }
  // A folder of nothing but the pictures: whatever else lies in a folder is part of it.
  for (const [name, bytes] of pets) {
    await mkdir(path.dirname(path.join(root, 'folder', name)), { recursive: true });
    await writeFile(path.join(root, 'folder', name), bytes);
  }
  web = await serveFiles(new Map([...place, ['download', zipOf(parts('pets/'))]]));
  if (emulatorFile !== undefined) {
    emulator = await startBucketEmulator(emulatorFile);
    await emulator.createBucket('somebodys');
    const bucket = (await openGoogleClient(emulator.endpoint)).bucket('somebodys');
    for (const [name, bytes] of place) await bucket.file(name).save(bytes, { resumable: false });
    for (const [name, bytes] of pets) await bucket.file(`folder/${name}`).save(bytes, { resumable: false });
  }
  options = sourceOptionsFor(root, {
    ...{ times, gcsEndpoint: emulator?.endpoint },
    network: { allowedHosts: [web.host] },
  });
});

afterAll(async () => {
  await Promise.all([web.stop(), emulator?.stop()]);
  await rm(root, { recursive: true, force: true });
});

const files = [...place.keys()].filter((name) => /\.(?:zip|tar|gz|tgz|csv|jsonl)$/.test(name));
const expected = () =>
  [...pets]
    .map(([name, bytes]) => [name, name.split('/')[0], bytes.toString('hex')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

async function same(uri: string): Promise<void> {
  const source = await openSource({ uri }, options);
  expect(await readLocated(source)).toEqual(expected());
  const fingerprint = await source.fingerprint();
  expect(await (await openSource({ uri }, options)).fingerprint()).toBe(fingerprint);
  await source.forget?.();
}

describe('the same pictures are the same, whatever they come as:', () => {
  it('a folder', () => same('folder'));
  it.each(files)('%s on this machine', (file) => same(`here/${file}`));
  it.each(files)('%s on the web', (file) => same(`${web.origin}/${file}`));
  it('a zip on the web whose address does not say so', () => same(`${web.origin}/download?file=7`));

  const inBucket = emulatorFile === undefined ? it.skip : it;
  inBucket('objects below a prefix of a bucket', () => same('gs://somebodys/folder'));
  inBucket('a whole bucket’s prefix with a slash', () => same('gs://somebodys/folder/'));
  inBucket.each(files)('%s in a bucket', (file) => same(`gs://somebodys/${file}`));

  it('and make one dataset version, that of the folder', async () => {
    const here = path.join(root, 'colours');
    await writeTwoColours(here);
    const names = (await readdir(here, { recursive: true })).filter((name) => name.endsWith('.png'));
    const parts = await Promise.all(
      names.map(async (name) => ({ name: `top/${name}`, bytes: await readFile(path.join(here, name)) })),
    );
    await writeFile(path.join(root, 'colours.zip'), zipOf(parts));
    await writeFile(path.join(root, 'colours.tgz'), gzipSync(tarOf(parts)));
    const rows = names.map((name) => `colours/${name},${String(name.split('/')[0])}`);
    await writeFile(path.join(root, 'colours.csv'), ['path,label', ...rows].join('\n'));
    const store = openStore(path.join(root, 'store'));
    const versions = new Set<string>();
    for (const uri of ['colours', 'colours.zip', 'colours.tgz']) {
      const { manifest, pictures } = await ingestDataset(store, datasetOf(uri), options);
      expect(pictures).toBe(40);
      versions.add(manifest.sha256);
    }
    expect(versions.size).toBe(1);
    const listed = await ingestDataset(store, datasetOf('colours.csv'), options);
    expect(listed).toMatchObject({ pictures: 40, classes: ['blue', 'red'], rejected: 0 });
  });

  it('and nothing is left of what was brought', async () => {
    expect(await readdir(path.join(root, 'downloads'))).toEqual([]);
  });
});

(emulatorFile === undefined ? describe.skip : describe)(
  'a bucket (skipped where there is no emulator)',
  () => {
    const open = (uri: string) => openSource({ uri }, options);
    const client = async () => (await openGoogleClient(emulator?.endpoint)).bucket('somebodys');

    it('has another fingerprint once an object comes, changes or goes, and the same where it is written again', async () => {
      const bucket = await client();
      const seen = new Set<string | undefined>();
      const look = async () => seen.add(await (await open('gs://somebodys/changing')).fingerprint());
      const file = bucket.file('changing/cat/a.jpg');
      await bucket.file('changing/dog/a.jpg').save('dog', { resumable: false });
      await look();
      await file.save('one', { resumable: false });
      await look();
      await file.save('two', { resumable: false });
      await look();
      expect(seen.size).toBe(3);
      await file.save('two', { resumable: false });
      await look();
      await file.delete();
      await look();
      expect(seen.size).toBe(3);
    });

    it('names an object that goes or changes between the listing and the reading', async () => {
      const bucket = await client();
      for (const name of ['gone', 'changed', 'kept']) {
        await bucket.file(`moving/cat/${name}.jpg`).save(name, { resumable: false });
      }
      const found = new Map(
        (await listPictures(await open('gs://somebodys/moving'))).map((picture) => [picture.path, picture]),
      );
      await bucket.file('moving/cat/gone.jpg').delete();
      await bucket.file('moving/cat/changed.jpg').save('another', { resumable: false });
      const failure = { type: 'picture-unreadable' };
      await expect(found.get('cat/gone.jpg')?.bytes()).rejects.toMatchObject(failure);
      await expect(found.get('cat/changed.jpg')?.bytes()).rejects.toMatchObject(failure);
      expect(String(await found.get('cat/kept.jpg')?.bytes())).toBe('kept');
    });

    it('is listed page by page, without litter and folder markers', async () => {
      const bucket = await client();
      const names = Array.from(
        { length: 1100 },
        (_, index) => `many/cat/${String(index).padStart(5, '0')}.jpg`,
      );
      for (let at = 0; at < names.length; at += 100) {
        await Promise.all(
          names.slice(at, at + 100).map((name) => bucket.file(name).save('x', { resumable: false })),
        );
      }
      for (const name of ['many/', 'many/cat/', 'many/.DS_Store', 'many-more/cat/a.jpg']) {
        await bucket.file(name).save('x', { resumable: false });
      }
      const found = await listPictures(await open('gs://somebodys/many'));
      expect(found.map(({ path: at }) => `many/${at}`)).toEqual(names);
      const few = { ...options, limits: { ...options.limits, files: 1000 } };
      await expect(listPictures(await openSource({ uri: 'gs://somebodys/many' }, few))).rejects.toThrow(
        /DROVER_MAX_SOURCE_FILES/,
      );
    });

    it('says what is not there', async () => {
      for (const [uri, says] of [
        ['gs://somebodys/nothing', /nothing below "nothing\/"/],
        ['gs://nobodys/pets', /no bucket/],
        ['gs://somebodys/none.zip', /no object "none.zip"/],
        ['gs://a', /expected gs:\/\/bucket/],
      ] as const) {
        const failure = await open(uri)
          .then(listPictures)
          .catch((error: unknown) => error);
        expect(failure).toMatchObject({ type: 'source-invalid', message: expect.stringMatching(says) });
      }
    });
  },
);
