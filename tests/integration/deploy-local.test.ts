import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pinned } from '../../api/models/pinned-version';
import { runApi } from '../../api/main';
import { deployConfigSchema } from '../../contracts/schemas/deployment';
import { readSettings } from '../../contracts/schemas/settings';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { createLocalTarget } from '../../lib/deployment/local';
import { judgeStep } from '../../lib/deployment/judge';
import type { SmokePicture } from '../../lib/deployment/smoke-pictures';
import { sha256 } from '../../lib/storage/refs';
import { colorModel } from '../api/color-model';
import {
  alias,
  listeningLogger,
  modelName,
  openServedRegistry,
  picture,
  type ServedRegistry,
} from '../api/served';
import { freePort } from '../support/free-port';

let served: ServedRegistry;
let address: string;
let stop: AbortController;
let api: Promise<void>;
let versions: ModelVersion[];
let pictures: SmokePicture[];

const never = new AbortController().signal;
const champion = async () => (await served.registry.alias(modelName, alias))?.alias;

/** The API as its own process runs it, following the champion of a registry with two versions. */
async function startApi(environment: Record<string, string> = {}): Promise<void> {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  stop = new AbortController();
  const settings = readSettings(
    {
      DROVER_STORE: served.store.location,
      DROVER_MODEL: modelName,
      DROVER_API_PORT: String(port),
      ...environment,
    },
    '/',
  );
  const { logger } = listeningLogger();
  await new Promise<void>((ready) => {
    api = runApi({ settings, logger, signal: stop.signal, onReady: () => ready() });
  });
}

beforeEach(async () => {
  served = await openServedRegistry();
  versions = [
    await served.register(colorModel(), ['red', 'green', 'blue']),
    await served.register(colorModel([2, 1, 0]), ['blue', 'green', 'red']),
  ];
  await served.promote(1);
  await served.promote(2);
  const bytes = await picture('red');
  pictures = [{ digest: sha256(bytes), bytes }];
});

afterEach(async () => {
  secrets.clear();
  stop.abort();
  await api;
  await served.close();
});

const secrets = new Map<string, { token: string; host: string }>();
const target = () => createLocalTarget({ registry: served.registry, address, allowedHosts: [], secrets });
const plan = (version: number, changes: Record<string, unknown> = {}) =>
  target().plan({
    ...{ id: '1', model: modelName, version, digest: versions[version - 1]?.model.onnx.sha256 ?? '' },
    config: deployConfigSchema.parse({ smoke: { within: '10s' }, ...changes }),
  });

describe('a deployment to the local API', () => {
  it('sees that the API serves the champion, tries it on pictures, and watches it', async () => {
    await startApi();
    const { state, before, steps } = await plan(2, { local: { probes: 60 } });
    expect([before, steps]).toEqual(['version 1', [100]]);
    await target().prepare(state, never);
    expect(await target().smoke(state, pictures, never)).toMatch(/1 picture answered/);
    const since = new Date();
    const { fresh } = await target().observe(state, { pictures, since, begun: since }, never);
    expect(fresh).toMatchObject({ requests: 60, errors: 0 });
  });

  it('adds up what its looks have seen', async () => {
    await startApi();
    const { state } = await plan(2);
    const since = new Date();
    const first = await target().observe(state, { pictures, since, begun: since }, never);
    const { carried } = first;
    const second = await target().observe(state, { pictures, since, begun: since, carried }, never);
    expect([first.fresh.requests, second.fresh.requests]).toEqual([10, 20]);
  });

  it('takes an API that answers no more for a breach', async () => {
    await startApi();
    const { state } = await plan(2);
    stop.abort();
    await api;
    const since = new Date();
    const { fresh, old } = await target().observe(state, { pictures, since, begun: since }, never);
    const { watch } = deployConfigSchema.parse({});
    expect(judgeStep({ fresh, old, covered: 0, waited: 0 }, watch)).toMatchObject({ verdict: 'breach' });
  });

  it('does not take answers other than the evaluation’s', async () => {
    await startApi();
    const { state } = await plan(2);
    const wrong = pictures.map((each) => ({ ...each, probabilities: { red: 0.1, green: 0.1, blue: 0.8 } }));
    await expect(target().smoke(state, wrong, never)).rejects.toMatchObject({
      type: 'deployment-failed',
      message: expect.stringMatching(/off from the evaluation's/),
    });
  });

  it('moves the champion back, once however often it is asked, and the API answers with it', async () => {
    await startApi();
    const { state } = await plan(2);
    const undoing = { by: 'deploy', reason: 'it fails' };
    await target().undo(state, undoing);
    await target().undo(state, undoing);
    expect(await champion()).toMatchObject({ version: 1 });
    expect((await champion())?.history).toHaveLength(3);
    const back = await plan(1);
    expect(await target().smoke(back.state, pictures, never)).toMatch(/1 picture answered/);
  });

  it('leaves a champion that somebody has moved meanwhile', async () => {
    await startApi();
    const { state } = await plan(2);
    await served.promote(1);
    for (const step of [
      () => target().prepare(state, never),
      () => target().undo(state, { by: 'deploy', reason: 'it fails' }),
    ]) {
      await expect(step()).rejects.toMatchObject({ type: 'deployment-conflict' });
    }
    expect(await champion()).toMatchObject({ version: 1 });
  });

  it('refuses a version that is not the champion, and an address of another machine', async () => {
    await startApi();
    await expect(plan(1)).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/Promote version 1 first/),
    });
    await expect(plan(2, { local: { address: 'http://192.0.2.1:8080' } })).rejects.toMatchObject({
      type: 'path-refused',
    });
  });
});

describe('a deployment to a local API that asks for keys', () => {
  const key = 'drover_of-the-deployment';

  beforeEach(async () => {
    const keys = await mkdtemp(join(tmpdir(), 'drover-'));
    const file = join(keys, 'api-keys.json');
    const created = new Date().toISOString();
    await writeFile(file, JSON.stringify({ keys: [{ name: 'deploy', sha256: sha256(key), created }] }));
    await startApi({ DROVER_API_KEYS: file });
    secrets.set('API', { token: key, host: new URL(address).host });
  });

  it('is refused where it has none, and moves no champion back for that', async () => {
    await expect(plan(2)).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/asks for an API key.*local\.api_key/s),
    });
    secrets.set('OTHER', { token: 'drover_unknown', host: new URL(address).host });
    await expect(plan(2, { local: { api_key: 'OTHER' } })).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/does not take the API key/),
    });
    expect(await champion()).toMatchObject({ version: 2 });
  });

  it('is made with the key that its configuration names, which it does not keep', async () => {
    const { state } = await plan(2, { local: { api_key: 'API' } });
    expect(JSON.stringify(state)).not.toContain(key);
    expect(await target().smoke(state, pictures, never)).toMatch(/1 picture answered/);
    const since = new Date();
    const { fresh } = await target().observe(state, { pictures, since, begun: since }, never);
    expect(fresh).toMatchObject({ requests: 10, errors: 0 });
  });

  it('sends a key to no host but its own', async () => {
    secrets.set('API', { token: key, host: 'api.example.com' });
    await expect(plan(2, { local: { api_key: 'API' } })).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/DROVER_SECRET_API_HOST/),
    });
    await expect(plan(2, { local: { api_key: 'NONE' } })).rejects.toMatchObject({ type: 'start-refused' });
  });
});

describe('a deployment to a local API that takes so many requests', () => {
  it('waits for it, and counts no request that was refused for that', async () => {
    await startApi({ DROVER_RATE_LIMIT: '2/s' });
    const { state } = await plan(2);
    expect(await target().smoke(state, [...pictures, ...pictures], never)).toMatch(/2 pictures answered/);
    const since = new Date();
    const { fresh } = await target().observe(state, { pictures, since, begun: since }, never);
    expect(fresh).toMatchObject({ errors: 0 });
    expect(fresh.requests).toBeLessThan(4);
  });
});

describe('an API that is deployed with its version', () => {
  it('answers with that one, whatever the champion is', async () => {
    await startApi({ DROVER_MODEL_VERSION: '1' });
    const served1 = async () => (await fetch(`${address}/v1/model`)).json().catch(() => undefined);
    let model: any = await served1();
    while (model?.version === undefined) model = await served1();
    expect(model).toMatchObject({ version: 1 });
  });

  it('has no generation that could ever change', async () => {
    await startApi();
    const one = await pinned(served.registry, 1).alias(modelName, alias);
    await served.promote(2);
    expect(await pinned(served.registry, 1).alias(modelName, alias)).toEqual(one);
  });
});
