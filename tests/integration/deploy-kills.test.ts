import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DeployResult } from '../../contracts/deployments';
import { queues } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { deploy } from '../../workflows';
import { deployableVersion } from '../support/deployable-version';
import { fakeConfig, startFakeCloudRun, type FakeCloudRun } from '../support/fake-cloud-run';
import { freePort } from '../support/free-port';
import { Processes } from '../support/processes';
import { connectTo } from '../support/temporal-server';

jest.setTimeout(120_000);

const home = mkdtempSync(join(tmpdir(), 'drover-deploy-kills-'));
const store = openStore(readSettings({ DROVER_HOME: home }, resolve('.')).store);
let fake: FakeCloudRun;
let processes: Processes;
let client: Client;
let version: ModelVersion;

const startWorker = () => processes.startWorker('worker', 'ml');

beforeAll(async () => {
  fake = await startFakeCloudRun();
  version = await deployableVersion({ store, registry: createRegistry(store) }, 'run-1');
  fake.model = (number) => ({ name: 'animals', version: number, digest: version.model.onnx.sha256 });
  const port = await freePort();
  processes = new Processes(home, port, { DROVER_CLOUD_ENDPOINT: fake.origin });
  processes.startServer();
  client = new Client({ connection: await connectTo(port) });
  startWorker();
});

afterAll(async () => {
  await processes.kill();
  await client.connection.close();
  await fake.stop();
  rmSync(home, { recursive: true, force: true });
});

interface Kill {
  readonly step: string;
  readonly good: boolean;
  /** Before Google has done anything of the call, or when it has done all and nobody has heard. */
  readonly when: 'before' | 'after';
  readonly call: string;
  /** How often the traffic was set before that. */
  readonly changes: number;
}

const kill = (step: string, call: string, changes: number, when: Kill['when'], good: boolean): Kill => ({
  ...{ step, call, changes, when, good },
});
const shift = 'PATCH traffic';
/** One of each step, with what is hardest of it: Temporal takes fifteen seconds to miss a worker. */
const cases: readonly Kill[] = [
  kill('making the revision', 'PATCH template+traffic', 0, 'after', true),
  kill('trying it', 'ask revision', 1, 'before', true),
  kill('giving it 10 %', shift, 1, 'before', true),
  kill('watching it', 'GET figures', 2, 'after', true),
  kill('going back', shift, 2, 'after', false),
  kill('giving it everything', shift, 2, 'after', true),
  kill('settling', shift, 3, 'after', true),
];

describe('a worker killed in the middle of a deployment to Cloud Run', () => {
  it.each(cases)(
    '$step, $when it is done, the version good: $good: one end, and no traffic to what has failed',
    async ({ step, call: wanted, changes, when, good }) => {
      fake.reset();
      fake.behaviour = (revision, percent) => ({
        failing: good || revision === 'pets-00001' || percent === 0 ? 0 : 20,
        p95Ms: 40,
      });
      let killed = false;
      fake.onCall = async (call, _number, now) => {
        const before = fake.traffics.length - (now === 'after' && call.startsWith('PATCH') ? 1 : 0);
        if (killed || now !== when || call !== wanted || before !== changes) return;
        killed = true;
        await processes.kill('worker');
        startWorker();
      };
      const handle = await client.workflow.start(deploy, {
        workflowId: `deploy ${step} ${when} ${good}`,
        taskQueue: queues.ml,
        args: [
          {
            ...{ model: 'animals', version: 1 },
            config: {
              ...fakeConfig,
              smoke: { within: '5s' },
              watch: { steps: [10, 100], time: '1s', longest: '5s', every: '1s' },
            },
          },
        ],
      });
      const { state }: DeployResult = await handle.result();
      expect(killed).toBe(true);
      expect(state).toBe(good ? 'serving' : 'went-back');
      expect(fake.percentOf('pets-00001')).toBe(good ? 0 : 100);
      // Each share was given once, in order, whatever was killed; a bad version never had more than its first.
      expect(
        fake.traffics.map((traffic) =>
          traffic.reduce(
            (sum, { revision, percent = 0 }) => sum + (revision === 'pets-00001' ? 0 : percent),
            0,
          ),
        ),
      ).toEqual(good ? [0, 10, 100, 100] : [0, 10, 0]);
    },
  );
});
