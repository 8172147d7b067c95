import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { settingsOf } from '../../cli/settings';
import { openStore } from '../../lib/storage/open-store';
import { fakeActivities } from '../support/fake-activities';
import { withPolledWorkers } from '../support/polled-workers';
import { until } from '../support/processes';
import { versionsIn } from '../support/registered-versions';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  server = await localServer();
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
  environment = { TEMPORAL_ADDRESS: server.address, DROVER_HOME: folder, NO_COLOR: '1' };
  const { store } = settingsOf({}, { environment, folder, program: '' });
  await versionsIn(openStore(store, { gcsEndpoint: undefined }), 'animals', 1);
}, 60_000);

afterAll(async () => {
  await server.teardown();
  await rm(folder, { recursive: true, force: true });
});

/** A command whose watching is ended once its workflow runs: by Ctrl-C, which npm passes on a moment later. */
async function left(workflowId: string, words: readonly string[]) {
  const child = spawn(process.execPath, [resolve('bin', 'drover.js'), ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
  const ended = once(child, 'exit');
  const handle = server.client.workflow.getHandle(workflowId);
  await until('the workflow to run', async () => (await handle.describe()).status.name === 'RUNNING');
  await sleep(1500);
  child.kill('SIGINT');
  await sleep(20);
  child.kill('SIGINT');
  const [code, signal] = (await ended) as [number | null, string | null];
  await handle.terminate();
  return { code, signal, printed };
}

/** Until its worker ends. */
const never = (): Promise<never> => Context.current().cancelled;

describe('Ctrl-C while a workflow is watched', () => {
  it('ends the watching in good order, though npm passes it on as a second one, and with another code than an end', async () => {
    await withPolledWorkers(server, fakeActivities({ resolveTrain: never }), async () => {
      const { code, signal, printed } = await left('left', ['run', 'train', '--id', 'left']);
      expect({ code, signal }).toEqual({ code: 130, signal: null });
      expect(printed).toContain('left goes on without you. Cancel it: npx temporal workflow cancel -w left');
    });
  }, 90_000);

  it('of a deployment prints nothing that is no JSON where that was asked for', async () => {
    await withPolledWorkers(server, fakeActivities({ planDeployment: never }), async () => {
      const { code, printed } = await left('deploy-animals', ['deploy', 'animals@1', '--json']);
      expect(code).toBe(130);
      expect(JSON.parse(printed)).toMatchObject({ workflowId: 'deploy-animals' });
    });
  }, 90_000);
});
