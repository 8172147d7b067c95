import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { runApi } from '../../api/main';
import { championAlias, queues } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import { listDatasets, readHistory } from '../../lib/data/history';
import { readPredictions } from '../../lib/predictions/read';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { checkStore } from '../../lib/upkeep/check-store';
import { migrateStore } from '../../lib/upkeep/migrate';
import { picture } from '../api/served';
import { storeOfFirstRelease } from '../support/first-release-store';
import { fakeActivities } from '../support/fake-activities';
import { freePort } from '../support/free-port';
import { quiet, quietRuntime, workflowBundle } from '../support/temporal';
import { connectTo, spawnTemporal } from '../support/temporal-server';

jest.setTimeout(120_000);

/** What docs/guides/backup.md says, done: a home is copied while it is stopped, and brought back into an empty one. */

const root = mkdtempSync(join(tmpdir(), 'drover-backup-'));
const homes = { own: join(root, 'own'), backup: join(root, 'backup'), restored: join(root, 'restored') };
const workflowId = 'forms-few';
const answerSchema = z.record(z.string(), z.unknown());
let before: Awaited<ReturnType<typeof everythingOf>>;
let answer: Awaited<ReturnType<typeof served>>;

const storeOf = (home: string) => openStore(readSettings({ DROVER_HOME: home }, root).store);

/** Versions, aliases with their histories, datasets and predictions, as far as they can be read. */
async function everythingOf(home: string) {
  const store = storeOf(home);
  const registry = createRegistry(store);
  const predictions = [];
  for await (const { record } of readPredictions(store)) predictions.push(record);
  const datasets = await listDatasets(store);
  const { problems } = await checkStore(store);
  return {
    problems,
    versions: await registry.list('few'),
    champion: (await registry.alias('few', championAlias))?.alias,
    datasets: await Promise.all(datasets.map(async (name) => [name, await readHistory(store, name)])),
    predictions,
  };
}

/** What the API of a home answers to one picture: the version, and how likely each class is. */
async function served(
  home: string,
  pictures = 1,
): Promise<{ readonly model: unknown; readonly classes: unknown }> {
  const port = await freePort();
  const settings = readSettings(
    { DROVER_HOME: home, DROVER_MODEL: 'few', DROVER_API_PORT: String(port), DROVER_INFERENCE_THREADS: '1' },
    root,
  );
  const stop = new AbortController();
  const api = runApi({ settings, logger: quiet, signal: stop.signal });
  try {
    const address = `http://127.0.0.1:${port}`;
    while ((await fetch(`${address}/readyz`).catch(() => undefined))?.ok !== true) {
      await new Promise((wait) => setTimeout(wait, 50));
    }
    let body: Record<string, unknown> = {};
    for (let asked = 0; asked < pictures; asked += 1) {
      const form = new FormData();
      form.set('image', new Blob([new Uint8Array(await picture('#a52'))]), 'picture.png');
      const response = await fetch(`${address}/get_prediction`, { method: 'POST', body: form });
      expect(response.status).toBe(200);
      body = answerSchema.parse(await response.json());
    }
    const { id: _id, ...rest } = body;
    return { model: rest['model'], classes: rest['predictions'] ?? rest };
  } finally {
    stop.abort();
    await api;
  }
}

/** Does something with the Temporal server whose data lie in a home, and ends it as `drover stop` does. */
async function withServer<T>(
  home: string,
  work: (client: Client, address: string) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const server: ChildProcess = spawnTemporal(port, home);
  const client = new Client({ connection: await connectTo(port) });
  try {
    return await work(client, `127.0.0.1:${port}`);
  } finally {
    await client.connection.close();
    const gone = once(server, 'exit');
    server.kill('SIGTERM');
    await gone;
  }
}

beforeAll(async () => {
  quietRuntime();
  const first = storeOfFirstRelease();
  mkdirSync(homes.own);
  renameSync(first.folder, join(homes.own, 'store'));
  rmSync(first.root, { recursive: true });
  await migrateStore(storeOf(homes.own));
  answer = await served(homes.own, 3);
  // Nobody works on it yet: it is under way when everything is stopped.
  await withServer(homes.own, (client) =>
    client.workflow.start('forms', { workflowId, taskQueue: queues.ml, args: [{ model: 'few' }] }),
  );
  before = await everythingOf(homes.own);
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a home that was copied while it was stopped', () => {
  it('has what a backup is to keep', () => {
    expect(before).toMatchObject({
      problems: [],
      champion: { version: 1 },
      datasets: [['few', [{ pictures: 59 }]]],
    });
    expect(before.versions).toHaveLength(1);
    expect(before.predictions).toHaveLength(3);
    expect(answer.model).toMatchObject({ name: 'few', version: 1 });
    expect(readdirSync(homes.own)).toEqual(expect.arrayContaining(['store', 'temporal.db']));
  });

  it('is all there where it is brought back into an empty one, is served, and its workflows go on', async () => {
    cpSync(homes.own, homes.backup, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    // The machine is lost.
    renameSync(homes.own, join(root, 'lost'));
    cpSync(homes.backup, homes.restored, {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
    expect(await everythingOf(homes.restored)).toEqual(before);
    expect(await served(homes.restored)).toEqual(answer);
    await withServer(homes.restored, async (client, address) => {
      const handle = client.workflow.getHandle(workflowId);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      const connection = await NativeConnection.connect({ address });
      const workflows = await workflowBundle();
      const workers = await Promise.all(
        [queues.ml, queues.cpu].map((taskQueue) =>
          Worker.create({
            connection,
            taskQueue,
            activities: fakeActivities(),
            ...(taskQueue === queues.ml && { workflowBundle: workflows }),
          }),
        ),
      );
      const runs = workers.map((worker) => worker.run());
      expect(await handle.result()).toMatchObject({ chosen: 'float32' });
      for (const worker of workers) worker.shutdown();
      await Promise.all(runs);
      await connection.close();
    });
  });

  it('is served from its store alone, of which nothing is missing', async () => {
    const home = join(root, 'store-alone');
    cpSync(join(homes.backup, 'store'), join(home, 'store'), { recursive: true, verbatimSymlinks: true });
    expect(await everythingOf(home)).toEqual(before);
    expect(await served(home)).toEqual(answer);
    await withServer(home, async (client) => {
      await expect(client.workflow.getHandle(workflowId).describe()).rejects.toThrow();
    });
  });
});
