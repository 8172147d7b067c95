import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { queues } from '../../contracts/names';
import type { IngestResult, PreprocessResult } from '../../contracts/results';
import { readHistory } from '../../lib/data/history';
import { openPrepared } from '../../lib/data/prepared-set';
import { noisePicture } from '../support/noise-picture';
import { createFolderStore } from '../../lib/storage/folder-store';
import { ingest, preprocess } from '../../workflows';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from '../support/datasets';
import { freePort } from '../support/free-port';
import { Processes, until } from '../support/processes';
import { connectTo } from '../support/temporal-server';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'drover-data-kills-'));
const home = join(root, 'home');
const store = createFolderStore(join(home, 'store'));
const preprocessing = { size: 64, color: 'rgb', fit: 'contain' } as const;
const pictures = 1200;
let processes: Processes;
let client: Client;
let port: number;

/** Pictures of noise, each its own, large enough that every stage takes a while. */
async function drawPictures(): Promise<void> {
  for (const label of ['cat', 'dog', 'cow']) mkdirSync(join(root, 'photos', label), { recursive: true });
  for (let n = 0; n < pictures; n += 1) {
    const picture = await noisePicture(`kills ${n}`, { patches: 16, width: 640, height: 480, quality: 80 });
    writeFileSync(join(root, 'photos', ['cat', 'dog', 'cow'][n % 3] ?? '', `${n}.jpg`), picture);
  }
}

async function count(prefix: string, pattern: RegExp): Promise<number> {
  let found = 0;
  for await (const key of store.list(prefix)) if (pattern.test(key)) found += 1;
  return found;
}

function startWorkers(): void {
  processes.startWorker('worker-a', queues.ml, queues.cpu);
  processes.startWorker('worker-b', queues.cpu);
}

beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  await drawPictures();
  port = await freePort();
  processes = new Processes(home, port, { DROVER_ALLOWED_ROOTS: root });
  processes.startServer();
  client = new Client({ connection: await connectTo(port) });
  startWorkers();
}, 120_000);

afterAll(async () => {
  await processes.kill();
  await client.connection.close();
  rmSync(root, { recursive: true, force: true });
});

describe('an ingest and a preparation, killed in every stage', () => {
  it('give what they would have given, read nothing of it twice, and leave nothing half written', async () => {
    const dataset = datasetOf(join(root, 'photos'));
    const ingesting = await client.workflow.start(ingest, {
      workflowId: 'ingest-killed',
      taskQueue: queues.ml,
      args: [dataset],
    });

    await until(
      'the first files to be collected',
      async () => (await count('datasets/pets/collected/', /part-/)) >= 1,
    );
    await processes.kill('worker-a', 'worker-b');
    const collected = await count('blobs/', /./);
    expect(collected).toBeGreaterThan(0);
    expect(collected).toBeLessThan(pictures);
    expect(await readHistory(store, 'pets')).toEqual([]);
    startWorkers();

    await until(
      'the first chunk to be examined',
      async () => (await count('datasets/pets/examined/', /part-/)) >= 1,
    );
    await processes.kill();
    expect(await count('datasets/pets/', /manifest\.jsonl$/)).toBe(0);
    processes.startServer();
    startWorkers();

    const result: IngestResult = await ingesting.result();
    const calm = createFolderStore(join(root, 'calm'));
    const expected = await ingestDataset(calm, dataset, optionsFor(root));
    expect(result.manifest).toEqual(expected.manifest);
    expect(result.pictures).toBe(pictures);
    expect(await readHistory(store, 'pets')).toHaveLength(1);

    const preparing = await client.workflow.start(preprocess, {
      workflowId: 'preprocess-killed',
      taskQueue: queues.ml,
      args: [{ name: 'pets', manifest: result.manifest, preprocess: preprocessing }],
    });
    await until('the first shard', async () => (await count('prepared/pools/', /part-/)) >= 1);
    await processes.kill();
    expect(await count('prepared/', /index\.json$/)).toBe(0);
    processes.startServer();
    startWorkers();
    const prepared: PreprocessResult = await preparing.result();
    const calmly = await prepareDataset(calm, expected, preprocessing);
    expect(prepared.prepared.sha256).toBe(calmly.prepared.sha256);
    const set = await openPrepared(store, prepared.prepared);
    const whole = await openPrepared(calm, calmly.prepared);
    for (const split of ['train', 'validation', 'test'] as const) {
      const [one, other] = [await set.load(split), await whole.load(split)];
      expect(Buffer.compare(one.images, other.images)).toBe(0);
    }
    // What was announced is taken back, so that the store may be cleaned.
    expect(await count('under-way/', /./)).toBe(0);
  });

  it('takes seconds where nothing has changed, and decodes nothing', async () => {
    const before = await count('', /./);
    const again = await client.workflow.execute(ingest, {
      workflowId: 'ingest-again',
      taskQueue: queues.ml,
      args: [datasetOf(join(root, 'photos'))],
    });
    await client.workflow.execute(preprocess, {
      workflowId: 'preprocess-again',
      taskQueue: queues.ml,
      args: [{ name: 'pets', manifest: again.manifest, preprocess: preprocessing }],
    });
    expect(await count('', /./)).toBe(before);
  });

  it('is the newest version again where a source goes back to what it was', async () => {
    const run = (workflowId: string) =>
      client.workflow.execute(ingest, {
        workflowId,
        taskQueue: queues.ml,
        args: [datasetOf(join(root, 'photos'))],
      });
    const before = await readHistory(store, 'pets');
    const file = join(root, 'photos', 'cat', '0.jpg');
    const times = statSync(file);
    const bytes = readFileSync(file);
    rmSync(file);
    const without = await run('ingest-without');
    writeFileSync(file, bytes);
    utimesSync(file, times.atime, times.mtime);
    const back = await run('ingest-back');
    expect(back.manifest).toEqual(before.at(-1)?.manifest);
    const versions = (await readHistory(store, 'pets')).map(({ manifest }) => manifest);
    expect(versions.slice(-2)).toEqual([without.manifest, back.manifest]);
    expect(await count('under-way/', /./)).toBe(0);
  });

  it('leaves nothing of an ingest that was cancelled announced', async () => {
    for (let n = 0; n < 30; n += 1) {
      writeFileSync(join(root, 'photos', 'cat', `bad-${n}.jpg`), 'no picture');
    }
    const handle = await client.workflow.start(ingest, {
      workflowId: 'ingest-cancelled',
      taskQueue: queues.ml,
      args: [datasetOf(join(root, 'photos'))],
    });
    await until('it to be announced', async () => (await count('under-way/', /./)) === 1);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await until('the announcement to be gone', async () => (await count('under-way/', /./)) === 0);
  });
});
