import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { deployConfigSchema } from '../../../contracts/schemas/deployment';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import { createCloudRunClient } from '../../../lib/deployment/cloud-run/client';
import { googleFailure } from '../../../lib/deployment/cloud-run/failures';
import { createCloudRunTarget } from '../../../lib/deployment/cloud-run/target';
import { smokePictures, type SmokePicture } from '../../../lib/deployment/smoke-pictures';
import type { DeploymentTarget, TargetPlan } from '../../../lib/deployment/target';
import { createRegistry } from '../../../lib/registry/registry';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { deployableVersion } from '../../support/deployable-version';
import { fakeConfig, startFakeCloudRun, type FakeCloudRun, type Fault } from '../../support/fake-cloud-run';

jest.setTimeout(60_000);

let fake: FakeCloudRun;
let target: DeploymentTarget;
let version: ModelVersion;
let pictures: SmokePicture[];
let folder: string;

beforeEach(async () => {
  fake = await startFakeCloudRun();
  folder = await mkdtemp(join(tmpdir(), 'drover-cloud-run-'));
  const store = createFolderStore(folder);
  version = await deployableVersion({ store, registry: createRegistry(store) }, 'run-1');
  pictures = await smokePictures(store, version, 2);
  fake.model = (number) => ({ name: 'animals', version: number, digest: version.model.onnx.sha256 });
  target = createCloudRunTarget({
    client: createCloudRunClient(fake.origin),
    storeLocation: store.location,
    isFake: true,
    secrets,
  });
});

afterEach(async () => {
  secrets.clear();
  await fake.stop();
  await rm(folder, { recursive: true, force: true });
});

const secrets = new Map<string, { token: string; host: string }>();
const never = new AbortController().signal;
const config = (changes: Record<string, unknown> = {}) =>
  deployConfigSchema.parse({ ...fakeConfig, smoke: { within: '1s' }, ...changes });

const plan = (changes?: Record<string, unknown>): Promise<TargetPlan> =>
  target.plan({
    ...{ id: '20261125-190000-abc123', model: 'animals', version: 3 },
    ...{ digest: version.model.onnx.sha256, config: config(changes) },
  });

/** As Temporal does it: what may be tried again is, and nothing else. */
async function retrying<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure) || !error.retryable || attempt === 10) throw error;
    }
  }
}

/** The whole way, or as far as it comes, and then back. */
async function walk({ state, steps }: TargetPlan): Promise<'serving' | 'went-back'> {
  try {
    await retrying(() => target.prepare(state, never));
    await retrying(() => target.smoke(state, pictures, never));
    let from = 0;
    for (const to of steps) {
      await retrying(() => target.shift(state, { from, to }));
      const since = new Date(Date.now() - 10_000);
      const { fresh } = await retrying(() => target.observe(state, { pictures, since, begun: since }, never));
      if (fresh.errors > 0) throw new Failure('deployment-failed', 'requests fail');
      from = to;
    }
    await retrying(() => target.settle(state));
    return 'serving';
  } catch (error) {
    if (!(error instanceof Failure) || error.type === 'deployment-conflict') throw error;
    await retrying(() => target.undo(state, { by: 'test', reason: error.message }));
    return 'went-back';
  }
}

const newRevision = 'pets-v3-abc123';

describe('a deployment to Cloud Run', () => {
  it('goes from 0 to 10, 50 and 100 %, with the version in the environment, and leaves all else of the service', async () => {
    expect(await walk(await plan())).toBe('serving');
    expect(fake.traffics.map((traffic) => traffic.map(({ percent = 0 }) => percent))).toEqual([
      [100, 0],
      [90, 10],
      [50, 50],
      [100],
      [100],
    ]);
    expect(fake.percentOf(newRevision)).toBe(100);
    expect(fake.traffic().filter(({ tag }) => tag !== undefined && tag !== '')).toEqual([]);
    expect(fake.template()).toMatchObject({
      revision: newRevision,
      serviceAccount: 'pets@pets-12345.iam.gserviceaccount.com',
    });
    expect(JSON.stringify(fake.template())).toMatch(/"DROVER_MODEL_VERSION","value":"3"/);
  });

  it('counts the failures of the new revision and of the old one apart', async () => {
    fake.behaviour = (revision) => ({ failing: revision === newRevision ? 7 : 1, p95Ms: 40 });
    const { state } = await plan();
    await target.prepare(state, never);
    await target.shift(state, { from: 0, to: 10 });
    const since = new Date(Date.now() - 60_000);
    const { fresh, old } = await target.observe(state, { pictures, since, begun: since }, never);
    expect(fresh).toMatchObject({ requests: 2000, errors: 140 });
    expect(old).toMatchObject({ requests: 2000, errors: 20 });
  });

  it('goes back to the old revision by name where the new one fails at 10 %', async () => {
    fake.behaviour = (revision, percent) => ({
      failing: revision === newRevision && percent > 0 ? 20 : 0,
      p95Ms: 40,
    });
    expect(await walk(await plan())).toBe('went-back');
    expect(fake.traffic()).toMatchObject([{ revision: 'pets-00001', percent: 100 }]);
  });

  it.each<[string, () => void]>([
    ['does not start', () => (fake.starts = () => false)],
    [
      'serves another version',
      () => (fake.model = () => ({ name: 'animals', version: 2, digest: 'f'.repeat(64) })),
    ],
    [
      'answers other than in its evaluation',
      () => (fake.answer = () => ({ prediction: 'dog', probabilities: { cat: 0.2, dog: 0.8 } })),
    ],
  ])('never gives traffic to a revision that %s', async (_what, breakIt) => {
    breakIt();
    expect(await walk(await plan())).toBe('went-back');
    for (const traffic of fake.traffics) {
      for (const { revision, percent = 0 } of traffic) if (revision === newRevision) expect(percent).toBe(0);
    }
    expect(fake.percentOf('pets-00001')).toBe(100);
  });

  it('says what it lacks where the revision wants to know who asks', async () => {
    fake.wantsToken = true;
    const { state } = await plan();
    await target.prepare(state, never);
    await expect(target.smoke(state, pictures, never)).rejects.toThrow(/roles\/run.invoker/);
  });
});

describe('a call that nobody answers', () => {
  it.each([
    ['reading the service', () => ({ call: 'GET service' })],
    ['changing it', () => ({ call: 'PATCH traffic' })],
    ['reading figures', () => ({ call: 'GET figures' })],
  ])('is given up and may be made again: %s', async (_what, which) => {
    const name = 'projects/pets-12345/locations/europe-west1/services/pets';
    const client = createCloudRunClient(fake.origin, 500);
    const service = await client.service(name);
    fake.faults.set(fake.calls.length, 'hang');
    const calls: Record<string, () => Promise<unknown>> = {
      'GET service': () => client.service(name),
      'PATCH traffic': () => client.update(service, ['traffic']),
      'GET figures': () =>
        client.get('https://monitoring.googleapis.com/v3/projects/p/timeSeries?filter=request_count'),
    };
    const { call } = which();
    await expect(calls[call]?.()).rejects.toMatchObject({ type: 'cloud-unavailable' });
    expect(fake.calls.at(-1)).toBe(call);
    await calls[call]?.();
  });
});

describe('whatever one call of Google’s API does', () => {
  const faults: readonly Fault[] = ['unavailable', 'cut', 'lost-answer', 'aborted'];

  async function callsOf(): Promise<number> {
    const made = await plan();
    const planned = fake.calls.length;
    await walk(made);
    return fake.calls.length - planned;
  }

  it.each(faults)('%s: a good version serves in the end, at every single call', async (fault) => {
    const calls = await callsOf();
    expect(calls).toBeGreaterThan(15);
    for (let call = 0; call < calls; call += 1) {
      await fake.stop();
      fake = await startFakeCloudRun();
      fake.model = (number) => ({ name: 'animals', version: number, digest: version.model.onnx.sha256 });
      target = createCloudRunTarget({
        client: createCloudRunClient(fake.origin),
        storeLocation: 'x',
        isFake: true,
        secrets,
      });
      const made = await plan();
      fake.faults.set(fake.calls.length + call, fault);
      const end = await walk(made);
      expect([call, end, fake.percentOf(newRevision)]).toEqual([call, 'serving', 100]);
      // No step was taken twice, nor was one left out.
      expect(fake.traffics.map((traffic) => traffic.map(({ percent = 0 }) => percent))).toEqual([
        [100, 0],
        [90, 10],
        [50, 50],
        [100],
        [100],
      ]);
    }
  });

  it.each(faults)('%s: a bad version gets nothing in the end, at every single call', async (fault) => {
    const bad = (revision: string, percent: number) => ({
      failing: revision === newRevision && percent > 0 ? 20 : 0,
      p95Ms: 40,
    });
    fake.behaviour = bad;
    const calls = await callsOf();
    for (let call = 0; call < calls; call += 1) {
      await fake.stop();
      fake = await startFakeCloudRun();
      fake.behaviour = bad;
      fake.model = (number) => ({ name: 'animals', version: number, digest: version.model.onnx.sha256 });
      target = createCloudRunTarget({
        client: createCloudRunClient(fake.origin),
        storeLocation: 'x',
        isFake: true,
        secrets,
      });
      const made = await plan();
      fake.faults.set(fake.calls.length + call, fault);
      const end = await walk(made);
      expect([call, end, fake.percentOf(newRevision)]).toEqual([call, 'went-back', 0]);
      expect(fake.percentOf('pets-00001')).toBe(100);
    }
  });
});

describe('a service whose API asks for keys', () => {
  const key = 'drover_of-the-deployment';
  const named = { cloud_run: { ...fakeConfig.cloud_run, api_key: 'API' } };

  beforeEach(() => {
    fake.apiKey = key;
    secrets.set('API', { token: key, host: new URL(fake.origin).host });
  });

  it.each([false, true])(
    'is deployed to with the key that the configuration names, who wants a token: %s',
    async (wantsToken) => {
      fake.wantsToken = wantsToken;
      const client = { ...createCloudRunClient(fake.origin), identity: async () => 'Bearer who-asks' };
      target = createCloudRunTarget({ client, storeLocation: 'x', isFake: true, secrets });
      const made = await plan(named);
      expect(JSON.stringify(made.state)).not.toContain(key);
      expect(await walk(made)).toBe('serving');
    },
  );

  it('is refused without one, with another, and with one for another host, before anything is changed', async () => {
    await expect(plan()).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/asks for an API key.*cloud_run\.api_key/s),
    });
    secrets.set('API', { token: 'drover_unknown', host: new URL(fake.origin).host });
    await expect(plan(named)).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/does not take the API key/),
    });
    secrets.set('API', { token: key, host: 'api.example.com' });
    await expect(plan(named)).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/DROVER_SECRET_API_HOST/),
    });
    expect(fake.traffics).toEqual([]);
  });
});

describe('a new revision that takes no more requests for now', () => {
  it('is asked again, and not taken for one that fails', async () => {
    const { state } = await plan({ smoke: { within: '10s' } });
    await target.prepare(state, never);
    fake.limited = 2;
    expect(await target.smoke(state, pictures, never)).toMatch(/2 pictures answered/);
  });

  it('is tried again later where that lasts', async () => {
    const { state } = await plan();
    await target.prepare(state, never);
    fake.limited = 100;
    await expect(target.smoke(state, pictures, never)).rejects.toMatchObject({
      ...{ type: 'rate-limited', retryable: true },
    });
  });
});

describe('where somebody else is at the same service', () => {
  it('refuses to begin while its traffic is divided', async () => {
    fake.change('bob@example.com', (service) => {
      service.traffic = [
        { revision: 'pets-00001', percent: 50 },
        { revision: 'pets-00000', percent: 50 },
      ];
    });
    await expect(plan()).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/divides its traffic already/),
    });
  });

  it('overwrites nothing where the traffic was changed between two steps, and says by whom', async () => {
    const { state } = await plan();
    await target.prepare(state, never);
    const theirs = [{ revision: 'pets-00001', percent: 100, tag: 'mine' }];
    fake.change('bob@example.com', (service) => (service.traffic = theirs));
    await expect(target.shift(state, { from: 0, to: 10 })).rejects.toMatchObject({
      type: 'deployment-conflict',
      message: expect.stringMatching(/by bob@example.com/),
    });
    await expect(target.undo(state, { by: 'test', reason: 'test' })).rejects.toMatchObject({
      type: 'deployment-conflict',
    });
    expect(fake.traffic()).toBe(theirs);
  });

  it('overwrites nothing where it was changed between its look and its change', async () => {
    const { state } = await plan();
    await target.prepare(state, never);
    const theirs = [{ revision: 'pets-00001', percent: 100, tag: 'mine' }];
    fake.onCall = (call, _number, when) => {
      if (call !== 'PATCH traffic' || when !== 'before') return;
      fake.onCall = () => undefined;
      fake.change('bob@example.com', (service) => (service.traffic = theirs));
    };
    await expect(target.shift(state, { from: 0, to: 10 })).rejects.toMatchObject({
      type: 'deployment-conflict',
    });
    expect(fake.traffic()).toBe(theirs);
  });

  it('takes its own share back though somebody has changed something else, and leaves that', async () => {
    const { state } = await plan();
    await target.prepare(state, never);
    await target.shift(state, { from: 0, to: 10 });
    fake.change(
      'terraform@example.com',
      (service) => (service.template = { ...service.template, timeout: '30s' }),
    );
    await target.undo(state, { by: 'test', reason: 'test' });
    expect(fake.percentOf(newRevision)).toBe(0);
    expect(fake.template()).toMatchObject({ timeout: '30s' });
  });

  it('changes nothing by a step that comes late, after everything was taken back', async () => {
    const { state } = await plan();
    await target.prepare(state, never);
    await target.shift(state, { from: 0, to: 10 });
    await target.undo(state, { by: 'test', reason: 'test' });
    for (const late of [
      () => target.shift(state, { from: 0, to: 10 }),
      () => target.shift(state, { from: 10, to: 50 }),
      () => target.prepare(state, never),
      () => target.settle(state),
    ]) {
      await expect(late()).rejects.toMatchObject({ type: 'deployment-conflict' });
    }
    expect(fake.percentOf(newRevision)).toBe(0);
  });

  it('has nothing to take back where nothing was made yet, and can be told so twice', async () => {
    const { state } = await plan();
    await target.undo(state, { by: 'test', reason: 'test' });
    await target.undo(state, { by: 'test', reason: 'test' });
    expect(fake.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
  });
});

describe('refused before anything is changed', () => {
  it('a worker without credentials, at once and with what mends it', () => {
    const error = new Error('Could not load the default credentials. Browse to https://…');
    const failure = googleFailure('read it', error);
    expect(failure).toMatchObject({ type: 'cloud-refused', retryable: false });
    expect(failure.message).toMatch(/gcloud auth application-default login/);
  });

  it.each([
    ['no cloud_run in the configuration', { cloud_run: undefined }, /not configured/],
    [
      'a store that Cloud Run cannot read',
      { cloud_run: { ...fakeConfig.cloud_run, store: undefined } },
      /folder of this machine/,
    ],
    [
      'a service that is not there',
      { cloud_run: { ...fakeConfig.cloud_run, service: 'dogs' } },
      /gcloud run deploy dogs/,
    ],
  ])('%s', async (_what, changes, words) => {
    await expect(plan(changes)).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(words),
    });
    expect(fake.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
  });

  it('an image by a tag, which may name another tomorrow', () => {
    const image = 'europe-west1-docker.pkg.dev/pets-12345/drover/api:latest';
    expect(() => config({ cloud_run: { ...fakeConfig.cloud_run, image } })).toThrow(/by its digest/);
  });
});
