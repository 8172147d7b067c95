import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openPrepared } from '../../../lib/data/prepared-set';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putBars } from '../../support/prepared-bars';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-prepared-set-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('some pictures of a prepared set', () => {
  it('are as all of them are, in the order that they are asked for', async () => {
    const store = createFolderStore(folder);
    const ref = await putBars(store, { perSplit: { train: 3, validation: 9 }, shardSize: 5 });
    const set = await openPrepared(store, ref);
    const all = await set.load('validation');
    const places = [7, 0, 3];
    const some = await set.loadSome('validation', places);
    expect(some.count).toBe(3);
    expect(some.pictures).toEqual(places.map((place) => all.pictures[place]));
    expect([...some.labels]).toEqual(places.map((place) => all.labels[place]));
    const { recordBytes } = set;
    expect(Buffer.from(some.images)).toEqual(
      Buffer.concat(
        places.map((place) => all.images.subarray(place * recordBytes, (place + 1) * recordBytes)),
      ),
    );
    await expect(set.loadSome('validation', [9])).rejects.toThrow(RangeError);
  });
});
