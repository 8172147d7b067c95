import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatasetActivities } from '../../../activities/datasets';
import { keysUnder } from '../../../lib/data/lineage';
import { createMemo } from '../../../lib/memo/memo';
import { createFolderStore } from '../../../lib/storage/folder-store';
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
    const sha256 = '0'.repeat(64);
    const manifest = { uri: `store://datasets/pets/${sha256}/manifest.jsonl`, sha256 };
    const planning = of('preprocess', 'one').run(activities.planPreprocess, { name: 'pets', manifest });
    await expect(planning).rejects.toMatchObject({ type: 'not-found' });
    expect(await announced()).toEqual([]);
  });
});
