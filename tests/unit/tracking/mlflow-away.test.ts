import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { createTracker } from '../../../lib/tracking/create-tracker';
import type { MlflowOptions } from '../../../lib/tracking/mlflow/mlflow-sink';
import { parametersOf } from '../../../lib/tracking/mlflow/parameters';
import { freePort } from '../../support/free-port';
import {
  runResult,
  samplePictures,
  tell,
  trackedRunId as run,
  trackerOptions,
} from '../../support/tracked-run';
import { startWebServer, type WebServer } from '../../support/web-server';

const token = 'hunter2-hunter2';
const quick = { flushMs: 400, finishMs: 400, pauseMs: 0 };

let folder = '';
let store: Store;
let server: WebServer | undefined;
let notices: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-mlflow-'));
  store = createFolderStore(folder);
  notices = [];
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** Tracks a whole run towards a server, and says what became of it in the store. */
async function track(mlflow: MlflowOptions): Promise<void> {
  const onNotice = (message: string) => void notices.push(message);
  const tracker = await createTracker(
    trackerOptions(store, { mlflow: { firstWaitMs: 1, ...mlflow }, onNotice }),
  );
  for (const to of [20, 40, 60]) {
    tell(tracker, to - 20, to);
    await tracker.flush(to);
  }
  await tracker.finish(runResult(3), samplePictures(4, ['cat', 'dog']));
}

async function expectWhole(): Promise<void> {
  expect(await store.exists(`runs/${run}/report.html`)).toBe(true);
  expect(
    String(await store.read(`runs/${run}/metrics.jsonl`))
      .trimEnd()
      .split('\n'),
  ).toHaveLength(63);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

describe('an MLflow server', () => {
  it('that is not there fails no training, and is told of once, and at the end', async () => {
    await track({ uri: `http://127.0.0.1:${await freePort()}`, token, times: quick });
    await expectWhole();
    expect(notices).toEqual([
      expect.stringMatching(/^MLflow at 127\.0\.0\.1:\d+ refuses connections.* The training goes on/),
      expect.stringMatching(/MLflow has not all of it\. The figures are in runs\/.*metrics\.jsonl\.$/),
    ]);
  });

  it('that never answers fails no training, which ends', async () => {
    server = await startWebServer(() => undefined);
    await track({ uri: server.origin, token, times: quick, answerMs: 10_000 });
    await expectWhole();
    expect(notices.at(-1)).toMatch(/took too long\. The run is finished/);
  });

  it.each([
    [401, { error_code: 'PERMISSION_DENIED', message: `You sent ${token}` }, '401 (PERMISSION_DENIED)'],
    [403, {}, '403'],
    [500, { error_code: 'INTERNAL_ERROR' }, '500'],
    [200, { something: 'else' }, '200 (NOT_MLFLOW)'],
  ])(
    'that answers %d to all fails no training, and its words are not repeated',
    async (status, body, said) => {
      server = await startWebServer((_, response) => answer(response, status, body));
      await track({ uri: server.origin, token, times: quick });
      await expectWhole();
      expect(notices[0]).toContain(said);
      expect(notices.join()).not.toContain(token);
      expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
    },
  );

  it('that redirects is not followed: the token stays where it was meant for', async () => {
    const other = await startWebServer((_, response) => answer(response, 200, {}));
    server = await startWebServer((_, response) => {
      response.writeHead(307, { location: `${other.origin}/api` }).end();
    });
    await track({ uri: server.origin, token, times: quick });
    await expectWhole();
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it('is sent every parameter, also of a run with weights for hundreds of classes', async () => {
    const sent: { params?: { key: string }[] }[] = [];
    server = await startWebServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://mlflow');
      const body = await readText(request);
      if (pathname.endsWith('/log-batch')) sent.push(JSON.parse(body) as { params?: { key: string }[] });
      answer(response, 200, {
        experiment: { experiment_id: '1' },
        run: { info: { run_id: 'r', artifact_uri: 's3://elsewhere' } },
      });
    });
    const weights = Array.from({ length: 250 }, (_, index) => [`class ${index}`, 1 + index] as const);
    const config = runConfigSchema.parse({ class_weights: Object.fromEntries(weights) });
    const mlflow = { uri: server.origin };
    const tracker = await createTracker(trackerOptions(store, { config, mlflow }));
    tell(tracker, 0, 20);
    await tracker.finish(runResult(1), samplePictures(4, ['cat', 'dog']));
    const batches = sent.flatMap(({ params }) => (params === undefined ? [] : [params]));
    expect(Math.max(...batches.map(({ length }) => length))).toBe(100);
    expect(batches.flat().map(({ key }) => key)).toEqual(parametersOf(config).map(({ key }) => key));
    expect(batches.flat().map(({ key }) => key)).toContain('seed');
  });

  it.each([
    'http://ada:hunter2@host',
    'ftp://host',
    'host:5000',
    'http://host/?key=hunter2',
    'http://host/#x',
  ])('is not at %s, and the refusal does not say it', async (uri) => {
    await expect(createTracker(trackerOptions(store, { mlflow: { uri } }))).rejects.toThrow(
      expect.objectContaining({
        type: 'configuration-invalid',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });
});

describe('parameters for MLflow', () => {
  it('are every value of the configuration under a name that MLflow allows, none twice', () => {
    const weights = { 'a/b': 1, 'a?b': 2, [`long${'g'.repeat(400)}`]: 3, 'ä "quoted"': 4 };
    const parameters = parametersOf(runConfigSchema.parse({ class_weights: weights }));
    const byKey = Object.fromEntries(parameters.map(({ key, value }) => [key, value]));
    expect(byKey).toMatchObject({
      lr: '0.001',
      'network.name': 'cnn',
      'network.filters': '[32,64]',
      'augmentation.flip': 'true',
      'class_weights.a_b': '1',
      'class_weights.a_b_2': '2',
      'class_weights._ _quoted_': '4',
    });
    expect(new Set(parameters.map(({ key }) => key)).size).toBe(parameters.length);
    expect(parameters.every(({ key }) => /^[\w. -]{1,250}$/.test(key))).toBe(true);
  });
});
