import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readHistory } from '../../../lib/data/history';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { readFormat, storeFormat } from '../../../lib/storage/store-format';
import { checkStore } from '../../../lib/upkeep/check-store';
import { migrateStore } from '../../../lib/upkeep/migrate';
import { storeOfFirstRelease } from '../../support/first-release-store';

const version = '77dc812ef6848a13ef133c4a14601b0ada2708d3e940debf6d08219f39996eb8';
const { root, folder } = storeOfFirstRelease();
const store = createFolderStore(folder);
let before: string[];

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list('')) found.push(key);
  return found.sort();
}

beforeAll(async () => {
  before = await keys();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** One after another: what is to be done, what was done, and that nothing is left to do. */
describe('a store of version 0.1.0', () => {
  it('is whole, and of format 0', async () => {
    expect(await readFormat(store)).toBe(0);
    const report = await checkStore(store);
    expect(report.problems).toEqual([]);
    expect(report.notes.join()).toContain('npx drover store migrate');
  });

  it('is only looked at by a dry run', async () => {
    const report = await migrateStore(store, { dryRun: true });
    expect(report).toMatchObject({
      from: 0,
      to: storeFormat,
      steps: [`dataset few: ${version.slice(0, 12)} listed`],
    });
    expect(await keys()).toEqual(before);
  });

  it('gets a list of its dataset versions, from what models say of them, and loses nothing', async () => {
    await migrateStore(store);
    expect(await readFormat(store)).toBe(storeFormat);
    expect(await readHistory(store, 'few')).toEqual([
      {
        version,
        manifest: { uri: `store://datasets/few/${version}/manifest.jsonl`, sha256: version },
        at: '2026-11-26T11:40:51.230Z',
        source: 'sample://animals?variations=1&size=24',
        pictures: 59,
        classes: 10,
        dropped: 0,
      },
    ]);
    expect((await keys()).filter((key) => !before.includes(key))).toEqual([
      'datasets/few/history.json',
      'store.json',
    ]);
    expect((await checkStore(store)).problems).toEqual([]);
  });

  it('has nothing more to be done', async () => {
    expect(await migrateStore(store)).toMatchObject({ from: storeFormat, steps: [] });
    expect(await readHistory(store, 'few')).toHaveLength(1);
  });
});
