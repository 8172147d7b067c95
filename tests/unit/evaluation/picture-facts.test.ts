import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import type { PreparedIndex } from '../../../contracts/schemas/documents';
import { examineChunk, planExamination } from '../../../lib/data/examine';
import { writeManifest } from '../../../lib/data/manifest';
import type { LoadedSplit } from '../../../lib/data/prepared-set';
import { readPictureFacts } from '../../../lib/evaluation/picture-facts';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putBlob } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-facts-'));
  store = createFolderStore(folder);
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

const pictures = [
  { path: 'test/north/cat/1.png', label: 'cat', width: 40, height: 20, grey: 30 },
  { path: 'test/north/dog/1.png', label: 'dog', width: 30, height: 30, grey: 200 },
  { path: 'test/cat/2.png', label: 'cat', width: 64, height: 50, grey: 90 },
];

async function ingested(): Promise<{ index: PreparedIndex; split: LoadedSplit; digests: string[] }> {
  const digests = await Promise.all(
    pictures.map(async ({ width, height, grey }) => {
      const image = sharp({
        create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } },
      });
      return (await putBlob(store, await image.png().toBuffer())).sha256;
    }),
  );
  const entries = pictures.map(({ path, label }, at) => ({
    ...{ path, label, sha256: digests[at] ?? '', split: 'test' as const },
  }));
  const { manifest } = await writeManifest(store, 'pets', entries);
  const index: PreparedIndex = {
    dataset: { name: 'pets', manifest },
    preprocessing: { size: 8, color: 'grey', fit: 'contain' },
    classes: ['cat', 'dog'],
    shards: [],
    pictures: digests,
    labels: [0, 1, 0],
    splits: ['test', 'test', 'test'],
    normalisation: { mean: [0], std: [1] },
    rejected: [],
  };
  const images = Uint8Array.from({ length: 3 * 64 }, (_, at) => [10, 60, 110][Math.floor(at / 64)] ?? 0);
  return {
    index,
    digests,
    split: { count: 3, images, labels: Int32Array.from([0, 1, 0]), pictures: digests },
  };
}

describe('readPictureFacts', () => {
  it('takes folders that are neither class nor split for the source', async () => {
    const { index, split } = await ingested();
    expect((await readPictureFacts(store, index, split)).sources).toEqual(['north', 'north', '']);
  });

  it('takes size and brightness of the originals from their examination', async () => {
    const { index, split, digests } = await ingested();
    const collected = digests.map((sha256, at) => ({ path: pictures[at]?.path ?? '', bytes: 1, sha256 }));
    for (const { chunk } of await planExamination(store, 'pets', collected)) {
      await examineChunk({ store, name: 'pets', chunk });
    }
    const facts = await readPictureFacts(store, index, split);
    expect(facts).toMatchObject({ pixels: [800, 900, 3200], brightnessOf: 'original' });
    expect(facts.brightness.map(Math.round)).toEqual([30, 200, 90]);
  });

  it('takes the brightness of what was prepared, and no size, where nobody recorded them', async () => {
    const { index, split } = await ingested();
    expect(await readPictureFacts(store, index, split)).toMatchObject({
      ...{ pixels: undefined, brightness: [10, 60, 110], brightnessOf: 'prepared' },
    });
  });

  it('knows no source where the dataset version is not in the store', async () => {
    const { index, split } = await ingested();
    const manifest = { uri: 'store://datasets/gone/manifest.jsonl', sha256: 'a'.repeat(64) };
    const facts = await readPictureFacts(store, { ...index, dataset: { name: 'gone', manifest } }, split);
    expect(facts.sources).toBeUndefined();
  });
});
