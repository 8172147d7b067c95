import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { createDatasetActivities, type Collection, type IngestPlan } from '../../../activities/datasets';
import type { SplitName } from '../../../contracts/schemas/documents';
import { changeAdditions } from '../../../lib/data/additions';
import { readHistory, recordVersion } from '../../../lib/data/history';
import { keysUnder } from '../../../lib/data/lineage';
import { readManifest } from '../../../lib/data/manifest';
import type { SourceOptions } from '../../../lib/data/sources/source';
import { createMemo } from '../../../lib/memo/memo';
import { createRandom } from '../../../lib/random';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { sha256 } from '../../../lib/storage/refs';
import { zipOf } from '../../support/archives';
import { datasetOf, optionsFor } from '../../support/datasets';
import { startWebServer } from '../../support/web-server';

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

function open(
  sources: SourceOptions = optionsFor(root),
  store: Store = createFolderStore(mkdtempSync(join(root, 'store-'))),
) {
  const activities = createDatasetActivities({ store, memo: createMemo(store), sources });
  const announced = (): Promise<string[]> => keysUnder(store, 'under-way/', /./);
  const of = (workflowType: string, workflowId: string): MockActivityEnvironment =>
    new MockActivityEnvironment({ workflowType, workflowExecution: { workflowId, runId: 'run' } });
  return { activities, announced, of, store };
}

/** Pictures of which none looks like another. */
async function drawn(count: number): Promise<Buffer[]> {
  const random = createRandom('activities');
  return Promise.all(
    Array.from({ length: count }, () => {
      const noise = Buffer.from(Array.from({ length: 8 * 8 * 3 }, () => random.int(256)));
      return sharp(noise, { raw: { width: 8, height: 8, channels: 3 } })
        .resize(32, 32, { fit: 'fill' })
        .png()
        .toBuffer();
    }),
  );
}

describe('an ingest', () => {
  it('keeps apart what it has divided before, where a group joins it later, and says of how many', async () => {
    const { activities, of, store } = open();
    const folder = mkdtempSync(join(root, 'grouped-'));
    const pictures = await drawn(20);
    pictures.forEach((bytes, at) => writeFileSync(join(folder, `${at}.png`), bytes));
    const dataset = datasetOf(join(folder, 'list.csv'));
    const here = <T>(work: () => Promise<T>) => of('ingest', 'one').run<[], T, () => Promise<T>>(work);
    const ingest = async (groupOf: (name: string) => string) => {
      const rows = pictures.map(
        (_, at) => `${at}.png,${at % 2 === 0 ? 'cat' : 'dog'},${groupOf(`${at}.png`)}`,
      );
      writeFileSync(join(folder, 'list.csv'), ['path,label,group', ...rows, ''].join('\n'));
      const plan = await here(() => activities.planIngest(dataset));
      const { files, chunks, source } = await here(() => activities.collectSource(plan));
      for (const { chunk } of chunks)
        await here(() => activities.examineChunk({ name: dataset.name, chunk }));
      const result = await here(() => activities.finishIngest({ plan, files, source }));
      return { result, entries: await readManifest(store, result.manifest) };
    };
    const before = await ingest(() => '');
    const firstOf = (split: SplitName) => before.entries.find((entry) => entry.split === split)?.path ?? '';
    const [trained, tested] = [firstOf('train'), firstOf('test')];
    const { result, entries } = await ingest((name) => (name === trained || name === tested ? 'rex' : ''));
    expect(entries.map(({ path, split }) => [path, split])).toEqual(
      before.entries.filter(({ path }) => path !== trained).map(({ path, split }) => [path, split]),
    );
    expect(result.warnings).toContainEqual(expect.stringMatching(/^1 picture was left out, whose group /));
  });

  it('that fails for good leaves nothing of what it has downloaded', async () => {
    const zip = zipOf(['cat/a.jpg', 'dog/b.jpg'].map((name) => ({ name, bytes: Buffer.from(name) })));
    const server = await startWebServer((_, response) => response.writeHead(200, { etag: '"one"' }).end(zip));
    try {
      const options = optionsFor(root);
      const { activities, of } = open({
        ...options,
        network: { ...options.network, allowedHosts: [server.host] },
        limits: { ...options.limits, files: 1 },
      });
      const dataset = datasetOf(`${server.origin}/set.zip`);
      const collecting = of('ingest', 'one').run<[], Collection, () => Promise<Collection>>(async () =>
        activities.collectSource(await activities.planIngest(dataset)),
      );
      await expect(collecting).rejects.toMatchObject({
        type: 'source-invalid',
        message: expect.stringContaining('DROVER_MAX_SOURCE_FILES'),
      });
      expect(readdirSync(options.downloads)).toEqual([]);
    } finally {
      await server.stop();
    }
  });

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

describe('a source that has gone back to what it was', () => {
  const entry = (digest: string) => ({
    version: digest,
    manifest: { uri: `store://datasets/pets/${digest}/manifest.jsonl`, sha256: digest },
    ...{ at: '2026-11-25T00:00:00.000Z', source: './photos', pictures: 2, classes: 2, dropped: 0 },
  });
  const [then, now] = [sha256('then'), sha256('now')];

  /** A plan of what is known of the source, while `meanwhile` happens to the store. */
  async function planned(meanwhile: (store: Store) => Promise<unknown>) {
    const folder = mkdtempSync(join(root, 'back-'));
    for (const name of ['cat', 'dog']) writeFileSync(join(folder, `${name}.png`), name);
    writeFileSync(join(folder, 'list.csv'), 'path,label\ncat.png,cat\ndog.png,dog\n');
    const dataset = datasetOf(join(folder, 'list.csv'));
    const { activities, of, store } = open();
    const { key } = await of('ingest', 'one').run<[], IngestPlan, () => Promise<IngestPlan>>(() =>
      activities.planIngest(dataset),
    );
    await of('ingest', 'one').run(activities.abandonWork);
    await createMemo(store).record('ingest', key, {
      ...{ manifest: entry(then).manifest, card: { uri: 'store://card', sha256: then }, pictures: 2 },
      ...{
        classes: ['cat', 'dog'],
        perSplit: { train: 2, validation: 0, test: 0 },
        rejected: 0,
        warnings: [],
      },
    });
    await recordVersion(store, 'pets', undefined, entry(then));
    await recordVersion(store, 'pets', then, entry(now));
    const overtaken: Store = {
      ...store,
      write: async (place, bytes) => {
        await store.write(place, bytes);
        if (place.includes('/again-')) await meanwhile(store);
      },
    };
    const plan = await of('ingest', 'two').run(open(undefined, overtaken).activities.planIngest, dataset);
    return { plan, newest: (await readHistory(store, 'pets')).at(-1)?.version };
  }

  it('has its version as the newest again', async () => {
    expect(await planned(async () => undefined)).toMatchObject({
      plan: { kept: { manifest: { sha256: then } } },
      newest: then,
    });
  });

  it('is ingested where reviewed labels have come meanwhile, and hides them by no older version', async () => {
    const addition = {
      ...{ path: 'feedback/a.png', label: 'cat', sha256: sha256('a'), bytes: 1 },
      origin: {
        ...{
          prediction: randomUUID(),
          model: { name: 'pets', version: 1 },
          predicted: 'dog',
          reviewer: 'ada',
        },
        at: '2026-11-25T00:00:00.000Z',
      },
    };
    const { plan, newest } = await planned((store) => changeAdditions(store, 'pets', () => [addition]));
    expect(plan).not.toHaveProperty('kept');
    expect(newest).toBe(now);
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
