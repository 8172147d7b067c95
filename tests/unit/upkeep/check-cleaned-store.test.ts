import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { preprocessingSchema } from '../../../contracts/schemas/preprocessing';
import { removeGarbage } from '../../../lib/data/gc';
import { keysUnder } from '../../../lib/data/lineage';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putJson } from '../../../lib/storage/refs';
import { checkStore } from '../../../lib/upkeep/check-store';
import { DataHistory } from '../../support/data-history';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from '../../support/datasets';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-cleaned-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A version that a run was trained on, and a newer one; then all but the newest is cleaned away. */
async function cleaned() {
  const store = createFolderStore(path.join(root, 'store'));
  const sources = path.join(root, 'sources');
  const history = new DataHistory(store, sources, 'rowan');
  await history.begin();
  const ingest = () => ingestDataset(store, datasetOf(path.join(sources, 'pets')), optionsFor(sources));
  const first = await ingest();
  const { prepared } = await prepareDataset(store, first, preprocessingSchema.parse({ size: 8 }));
  const other = await prepareDataset(store, first, preprocessingSchema.parse({ size: 16 }));
  await putJson(store, 'runs/r/result.json', { run: 'r', prepared });
  await putJson(store, 'sweeps/s/sweep.json', { prepared: other.prepared });
  await history.addPictures('pets', 'cat', 3);
  await ingest();
  await removeGarbage(store, { keep: 1, graceMs: 0, models: async () => [], now: new Date() });
  return { store, first, other };
}

describe('checking a store that was cleaned', () => {
  it('finds nothing wrong with what was removed on purpose, and says what it is', async () => {
    const { store, first, other } = await cleaned();
    for (const quick of [true, false]) {
      const { problems, notes } = await checkStore(store, { quick });
      expect(problems).toEqual([]);
      for (const { uri } of [first.manifest, other.prepared]) {
        expect(notes.join()).toContain(uri.replace('store://', ''));
      }
    }
  });

  it('finds what is gone and was not removed on purpose', async () => {
    const { store } = await cleaned();
    const [index = ''] = await keysUnder(store, 'prepared/', /index\.json$/);
    await store.remove(index);
    expect((await checkStore(store)).problems).toMatchObject([{ kind: 'missing', key: index }]);
  });

  it('finds a version that came back after its cleaning, and was lost then', async () => {
    const { store, first } = await cleaned();
    const key = first.manifest.uri.replace('store://', '');
    const history = await store.readVersioned('datasets/pets/history.json');
    const { versions } = JSON.parse(String(history?.bytes)) as { versions: object[] };
    const back = { ...versions[0], version: first.manifest.sha256, manifest: first.manifest };
    const next = Buffer.from(JSON.stringify({ versions: [...versions, back] }));
    await store.compareAndSwap('datasets/pets/history.json', next, history?.generation);
    expect((await checkStore(store)).problems).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'missing', key })]),
    );
  });

  it('takes a record of a cleaning that is cut off for none', async () => {
    const { store } = await cleaned();
    const [record = ''] = await keysUnder(store, 'cleanings/', /./);
    await store.write(record, (await store.read(record)).subarray(0, 20));
    const kinds = (await checkStore(store)).problems.map(({ kind, key }) => `${kind} ${key}`);
    expect(kinds).toContain(`unreadable ${record}`);
    expect(kinds.filter((kind) => kind.startsWith('missing'))).toHaveLength(2);
  });
});
