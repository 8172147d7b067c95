import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDeploymentActivities } from '../../activities/deployment';
import type { DeploymentView } from '../../contracts/deployments';
import { queues } from '../../contracts/names';
import type { DeploymentRecord } from '../../contracts/schemas/deployment';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { readDeployment } from '../../lib/deployment/records';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import type { Store } from '../../lib/storage/store';
import { deploy } from '../../workflows';
import { deployableVersion } from '../support/deployable-version';
import { fakeConfig, startFakeCloudRun, type FakeCloudRun } from '../support/fake-cloud-run';
import { localServer, withWorkers } from '../support/temporal';

jest.setTimeout(60_000);

let server: TestWorkflowEnvironment;
let fake: FakeCloudRun;
let folder: string;
let store: Store;
let version: ModelVersion;
let started = 0;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

beforeEach(async () => {
  fake = await startFakeCloudRun();
  folder = await mkdtemp(join(tmpdir(), 'drover-deploy-'));
  store = createFolderStore(folder);
  version = await deployableVersion({ store, registry: createRegistry(store) }, 'run-1');
  fake.model = (number) => ({ name: 'animals', version: number, digest: version.model.onnx.sha256 });
});

afterEach(async () => {
  await fake.stop();
  await rm(folder, { recursive: true, force: true });
});

const activities = () =>
  createDeploymentActivities({
    ...{ store, registry: createRegistry(store), project: resolve('.'), defaults: resolve('configs') },
    deployment: { address: fake.origin, cloudEndpoint: fake.origin, allowedHosts: [], secrets: new Map() },
  });

const config = (watch: Record<string, unknown> = {}) => ({
  ...fakeConfig,
  smoke: { within: '1s' },
  watch: { steps: [10, 50, 100], time: '1s', longest: '3s', every: '1s', ...watch },
});

const begin = (input: Record<string, unknown> = {}) =>
  server.client.workflow.start(deploy, {
    workflowId: `deploy-${(started += 1)}`,
    taskQueue: queues.ml,
    args: [{ model: 'animals', version: 1, by: 'Ada', config: config(), ...input }],
  });

async function recordOf(handle: WorkflowHandle): Promise<DeploymentRecord> {
  const { record } = await handle.query<DeploymentView>('deployment');
  if (record === undefined) throw new Error('no record yet');
  expect(await readDeployment(store, record.id)).toEqual(record);
  return record;
}

/** Waits until a step has been looked at. */
async function watching(handle: WorkflowHandle, step: string): Promise<void> {
  for (;;) {
    const view = await handle.query<DeploymentView>('deployment').catch(() => undefined);
    if (view?.record?.steps.some((each) => each.step === step && each.figures !== undefined)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

const statesOf = ({ steps }: DeploymentRecord) => steps.map(({ step, state }) => `${step}: ${state}`);

describe('deploy', () => {
  it('goes step by step to 100 %, with times and figures of each step in the record', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ by: 'Ada\u001b[2J', reason: 'better\u0007 on\ncats' });
      expect(await handle.result()).toMatchObject({ state: 'serving', target: 'cloud-run', version: 1 });
      const record = await recordOf(handle);
      expect(statesOf(record)).toEqual([
        ...['prepare: done', 'smoke: done', '10 %: done', '50 %: done', '100 %: done', 'settle: done'],
      ]);
      expect(record).toMatchObject({
        by: 'Ada [2J',
        reason: 'better  on cats',
        before: 'revision pets-00001',
      });
      expect(record.steps[2]?.figures).toMatchObject({
        new: { requests: 2000, errors: 0 },
        old: { requests: 2000, errors: 0 },
      });
    });
  });

  it('goes back at 10 % where more requests fail, and the other steps never begin', async () => {
    fake.behaviour = (revision, percent) => ({
      failing: revision !== 'pets-00001' && percent > 0 ? 12 : 0,
      p95Ms: 40,
    });
    await withWorkers(server, activities(), async () => {
      const handle = await begin();
      const result = await handle.result();
      expect(result).toMatchObject({
        state: 'went-back',
        outcome: expect.stringMatching(/240 of 2000 requests failed.*more than 2 % more for sure/),
      });
      expect(statesOf(await recordOf(handle))).toEqual([
        ...['prepare: done', 'smoke: done', '10 %: failed', '50 %: waiting', '100 %: waiting'],
        ...['settle: waiting', 'go back: done'],
      ]);
    });
    expect(fake.percentOf('pets-00001')).toBe(100);
    expect(
      Math.max(
        ...fake.traffics.flat().map(({ revision, percent = 0 }) => (revision === 'pets-00001' ? 0 : percent)),
      ),
    ).toBe(10);
  });

  it('goes back at 100 %, where there are no more requests of the old version to be compared with', async () => {
    fake.behaviour = (revision, percent) => ({
      failing: 0,
      p95Ms: revision !== 'pets-00001' && percent === 100 ? 400 : 40,
    });
    await withWorkers(server, activities(), async () => {
      const handle = await begin();
      expect(await handle.result()).toMatchObject({
        state: 'went-back',
        outcome: expect.stringMatching(/took longer than .* 1.5 times the old version's/),
      });
    });
    expect(fake.percentOf('pets-00001')).toBe(100);
  });

  it.each([
    ['go-back', 'went-back', 0],
    ['go-on', 'serving', 100],
  ])(
    'where too few requests come in the longest time it does as it was told: %s',
    async (on_undecided, state, percent) => {
      fake.requests = 3;
      await withWorkers(server, activities(), async () => {
        const handle = await begin({ config: config({ on_undecided, steps: [100], longest: '2s' }) });
        expect(await handle.result()).toMatchObject({ state });
      });
      expect(100 - fake.percentOf('pets-00001')).toBe(percent);
    },
  );

  it('prints a plan and changes nothing where it is a dry run', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ dryRun: true });
      expect(await handle.result()).toMatchObject({ state: 'planned' });
      const { steps } = await recordOf(handle);
      expect(steps.map(({ plan }) => plan).join('\n')).toMatch(
        /give it 10 %: 90 % pets-00001, 10 % pets-v1-/,
      );
    });
    expect(fake.calls.filter((call) => call.startsWith('PATCH'))).toEqual([]);
  });

  it('fails with the words of what is wrong, where it is not configured', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: { target: 'cloud-run' } });
      const error = await handle.result().catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(WorkflowFailedError);
      expect(JSON.stringify(error)).toMatch(/The target cloud-run is not configured/);
    });
  });

  it('leaves what somebody else has made of the traffic meanwhile, and says so', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ time: '30s', longest: '30s' }) });
      await watching(handle, '10 %');
      fake.change(
        'bob@example.com',
        (service) => (service.traffic = [{ revision: 'pets-00001', percent: 100 }]),
      );
      expect(await handle.result()).toMatchObject({ state: 'overtaken' });
    });
    expect(fake.traffic()).toEqual([{ revision: 'pets-00001', percent: 100 }]);
  });
});

describe('a deployment that runs', () => {
  it('goes back where a person says so, and keeps who and why', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ time: '10m', longest: '10m', every: '10s' }) });
      for (;;) {
        if (fake.traffics.length === 2) break;
        await new Promise((done) => setTimeout(done, 50));
      }
      await handle.executeUpdate('rollback', { args: [{ by: '\u001bBob', reason: 'looks\u0007odd' }] });
      expect(await handle.result()).toMatchObject({
        state: 'went-back',
        outcome: 'Bob asked to go back: looks odd',
      });
    });
    expect(fake.percentOf('pets-00001')).toBe(100);
  });

  it('goes back where a person says so while it settles', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((done) => (release = done));
    let settling = false;
    fake.onCall = async (call, _number, when) => {
      // After the preparation and the only step.
      if (call !== 'PATCH traffic' || when !== 'before' || fake.traffics.length !== 2) return;
      settling = true;
      await held;
    };
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ steps: [100] }) });
      while (!settling) await new Promise((done) => setTimeout(done, 50));
      await handle.executeUpdate('rollback', { args: [{ by: 'Bob', reason: 'looks odd' }] });
      release();
      expect(await handle.result()).toMatchObject({
        state: 'went-back',
        outcome: 'Bob asked to go back: looks odd',
      });
      expect(statesOf(await recordOf(handle)).slice(-2)).toEqual(['settle: done', 'go back: done']);
    });
    expect(fake.percentOf('pets-00001')).toBe(100);
  });

  it('takes its step as passed where a person says so', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ steps: [100], time: '5m', longest: '5m' }) });
      await watching(handle, '100 %');
      await handle.executeUpdate('advance', { args: [{ by: 'Bob', reason: 'seen enough' }] });
      expect(await handle.result()).toMatchObject({ state: 'serving' });
      expect((await recordOf(handle)).steps[2]?.note).toMatch(/taken as passed by Bob: seen enough/);
    });
  });

  it.each([
    ['no name', { reason: 'odd' }],
    ['no reason', { by: 'Bob', reason: ' ' }],
  ])('takes no word with %s', async (_what, decision) => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ steps: [100], time: '5m', longest: '5m' }) });
      await watching(handle, '100 %');
      const refused = await handle
        .executeUpdate<unknown, [unknown]>('rollback', { args: [decision] })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ cause: { message: expect.stringMatching(/is missing or empty/) } });
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    });
  });

  it('goes back where its workflow is cancelled', async () => {
    await withWorkers(server, activities(), async () => {
      const handle = await begin({ config: config({ time: '5m', longest: '5m' }) });
      await watching(handle, '10 %');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      expect(await recordOf(handle)).toMatchObject({ state: 'went-back', outcome: 'it was cancelled' });
    });
    expect(fake.percentOf('pets-00001')).toBe(100);
  });

  it('goes on going back while Google does not answer', async () => {
    fake.starts = () => false;
    let refusals = 0;
    fake.onCall = (call, number) => {
      // After the preparation, so of the way back: the first changes are answered with 503.
      if (call === 'PATCH traffic' && refusals < 3) {
        refusals += 1;
        fake.faults.set(number, 'unavailable');
      }
    };
    await withWorkers(server, activities(), async () => {
      const handle = await begin();
      expect(await handle.result()).toMatchObject({
        state: 'went-back',
        outcome: expect.stringMatching(/did not start.*did not listen on port 8080/),
      });
    });
    expect(refusals).toBe(3);
    expect(fake.traffic()).toMatchObject([{ revision: 'pets-00001', percent: 100 }]);
  });
});
