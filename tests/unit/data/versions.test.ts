import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordVersion } from '../../../lib/data/history';
import { findVersion, readVersionWish } from '../../../lib/data/versions';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';

const first = `aaaa1${'0'.repeat(59)}`;
const second = `aaaa2${'0'.repeat(59)}`;
const third = `bbbb${'0'.repeat(60)}`;

let root = '';
let store: Store;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-versions-'));
  store = createFolderStore(root);
  let newest: string | undefined;
  for (const version of [first, second, third, second]) {
    await recordVersion(store, 'pets', newest, {
      version,
      manifest: { uri: `store://datasets/pets/${version}/manifest.jsonl`, sha256: version },
      at: '2026-11-25T00:00:00.000Z',
      ...{ source: './photos', pictures: 3, classes: 2, dropped: 0 },
    });
    newest = version;
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const found = async (text: string): Promise<string> =>
  (await findVersion(store, readVersionWish(text))).entry.version;

describe('a version by name', () => {
  it.each([
    ['pets', second],
    ['pets@latest', second],
    ['pets@latest~0', second],
    ['pets@latest~1', third],
    ['pets@latest~3', first],
    ['pets@bbbb', third],
    ['pets@AAAA1', first],
    [`pets@${first}`, first],
    // There twice, and one version all the same.
    ['pets@aaaa2', second],
  ])('%s is the one that is meant', async (text, version) => {
    expect(await found(text)).toBe(version);
  });

  it.each([
    ['pet', 'not-found', /no dataset "pet".*did you mean "pets"\?/],
    ['cars', 'not-found', /no dataset "cars".*expected one of pets/],
    ['../pets', 'not-found', /no dataset "\.\.\/pets"/],
    ['pets@latest~4', 'not-found', /4 versions, so there is no latest~4/],
    ['pets@cccc', 'not-found', /no version that begins with cccc\. Its newest: .*bbbb00000000/],
    ['pets@aaaa', 'request-invalid', /2 versions of pets begin with aaaa: aaaa10000000, aaaa20000000/],
    ['pets@bbb', 'request-invalid', /4 at least.*The latest is aaaa20000000/],
    ['pets@newest', 'request-invalid', /latest~1/],
    ['pets@', 'request-invalid', /a version was expected/],
  ])('%s is refused with what to say instead', async (text, type, message) => {
    await expect(found(text)).rejects.toMatchObject({ type, message: expect.stringMatching(message) });
  });

  it('says how to take a dataset in where there is none', async () => {
    const empty = createFolderStore(path.join(root, 'empty'));
    await expect(findVersion(empty, readVersionWish('pets'))).rejects.toThrow(/npx drover data ingest/);
  });
});
