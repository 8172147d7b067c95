import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { createDatasetActivities } from '../../../activities/datasets';
import { keysUnder } from '../../../lib/data/lineage';
import { createMemo } from '../../../lib/memo/memo';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { sha256 } from '../../../lib/storage/refs';
import { datasetOf, optionsFor } from '../../support/datasets';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-activities-'));
  // Of pictures on the web nobody can tell whether they have changed.
  writeFileSync(
    join(root, 'pets.csv'),
    'url,label\nhttps://a.example/1.jpg,cat\nhttps://a.example/2.jpg,dog\n',
  );
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function open() {
  const store = createFolderStore(mkdtempSync(join(root, 'store-')));
  const activities = createDatasetActivities({ store, memo: createMemo(store), sources: optionsFor(root) });
  const announced = (): Promise<string[]> => keysUnder(store, 'under-way/', /./);
  const of = (workflowType: string, workflowId: string): MockActivityEnvironment =>
    new MockActivityEnvironment({ workflowType, workflowExecution: { workflowId, runId: 'run' } });
  return { activities, announced, of };
}

describe('an ingest', () => {
  it('of which a picture could not be read is looked at again, though its source says the same', async () => {
    const { activities, of } = open();
    const folder = mkdtempSync(join(root, 'photos-'));
    const pictures = await Promise.all(
      ['red', 'green', 'blue', 'white', 'black', 'grey'].map((background) =>
        sharp({ create: { width: 40, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const rows = pictures.map((bytes, at) => `${at}.png,${at % 2 === 0 ? 'cat' : 'dog'},${sha256(bytes)}`);
    writeFileSync(join(folder, 'list.csv'), ['path,label,sha256', ...rows, ''].join('\n'));
    const put = (at: number): void => writeFileSync(join(folder, `${at}.png`), pictures[at] ?? '');
    pictures.slice(1).forEach((_, at) => put(at + 1));
    const dataset = { ...datasetOf(join(folder, 'list.csv')), validate: { max_dropped: 0.5 } };
    const ingest = of('ingest', 'one');

    const known = async (): Promise<boolean> => {
      const here = <T>(work: () => Promise<T>) => ingest.run<[], T, () => Promise<T>>(work);
      const plan = await here(() => activities.planIngest(dataset));
      if (plan.kept !== undefined) return true;
      const { files, chunks, source } = await here(() => activities.collectSource(plan));
      for (const { chunk } of chunks)
        await here(() => activities.examineChunk({ name: dataset.name, chunk }));
      await here(() => activities.finishIngest({ plan, files, source }));
      return false;
    };
    expect([await known(), await known()]).toEqual([false, false]);
    put(0);
    expect([await known(), await known()]).toEqual([false, true]);
  });
});

describe('what is announced to cleanings', () => {
  it('is an ingest’s own: once however often it is tried, and no other’s, though they work on the same', async () => {
    const { activities, announced, of } = open();
    const dataset = datasetOf('sample://animals?variations=1');
    const [one, other] = [of('ingest', 'one'), of('ingest', 'other')];
    await one.run(activities.planIngest, dataset);
    await one.run(activities.planIngest, dataset);
    expect(await announced()).toHaveLength(1);
    await other.run(activities.planIngest, dataset);
    expect(await announced()).toHaveLength(2);
    await other.run(activities.abandonWork);
    expect(await announced()).toHaveLength(1);
    await one.run(activities.abandonWork);
    expect(await announced()).toEqual([]);
  });

  it('is nothing of a pipeline that only asks, also where each plan has another key', async () => {
    const { activities, announced, of } = open();
    const dataset = datasetOf(join(root, 'pets.csv'));
    const pipeline = of('pipeline', 'pipeline');
    const plan = await pipeline.run(activities.planIngest, dataset);
    expect(plan).toMatchObject({ untold: true });
    expect(await pipeline.run(activities.planIngest, dataset)).not.toEqual(plan);
    expect(await announced()).toEqual([]);
  });

  it('is taken back where a preparation cannot even be planned', async () => {
    const { activities, announced, of } = open();
    const digest = '0'.repeat(64);
    const manifest = { uri: `store://datasets/pets/${digest}/manifest.jsonl`, sha256: digest };
    const planning = of('preprocess', 'one').run(activities.planPreprocess, { name: 'pets', manifest });
    await expect(planning).rejects.toMatchObject({ type: 'not-found' });
    expect(await announced()).toEqual([]);
  });
});
