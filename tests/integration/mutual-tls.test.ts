import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { freePort } from '../support/free-port';
import { certificatesIn, startMutualTls } from '../support/mutual-tls';
import { Processes, until } from '../support/processes';
import { connectTo } from '../support/temporal-server';

jest.setTimeout(90_000);

const home = mkdtempSync(join(tmpdir(), 'drover-mtls-'));
let processes: Processes;
let client: Client;
let front: Awaited<ReturnType<typeof startMutualTls>>;
let environment: Record<string, string>;

beforeAll(async () => {
  const port = await freePort();
  const { authority, server, client: own } = await certificatesIn(home);
  front = await startMutualTls(port, authority, server);
  environment = {
    TEMPORAL_ADDRESS: `127.0.0.1:${front.port}`,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority,
    TEMPORAL_TLS_SERVER_NAME: 'localhost',
    TEMPORAL_TLS_CLIENT_CERT_PATH: own.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: own.key,
  };
  processes = new Processes(home, port, environment);
  processes.startServer();
  client = new Client({ connection: await connectTo(port) });
});

afterAll(async () => {
  await processes.kill();
  await client.connection.close();
  front.close();
  rmSync(home, { recursive: true, force: true });
});

const workflowQueue = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;

async function isPolled(): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    ...{ namespace: 'default', taskQueue: { name: 'ml' }, taskQueueType: workflowQueue },
  });
  return pollers.length > 0;
}

/** `drover run` of something that is refused at once, once it was asked. */
function run(
  changes: Record<string, string | undefined>,
): Promise<{ readonly code: number; readonly said: string }> {
  const args = [
    resolve('bin', 'drover.js'),
    'run',
    'rollback',
    '--input',
    '{"model":"nothing","reason":"a try"}',
  ];
  const env = { ...process.env, DROVER_HOME: home, NO_COLOR: '1', ...environment, ...changes };
  return new Promise((ended) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      ended({ code: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

describe('a Temporal server that asks for certificates', () => {
  it('is worked for and asked by who has one', async () => {
    processes.startWorker('worker', 'ml');
    await until('the worker to poll', isPolled, 40);
    const { said } = await run({});
    expect(said).toMatch(/rollback-\d+/);
    expect(said).not.toContain('No Temporal server answers');
    const { workflowService } = client;
    const { executions } = await workflowService.listWorkflowExecutions({ namespace: 'default' });
    expect(executions.map(({ type }) => type?.name)).toContain('rollback');
  });

  it('is asked by who has one in files of secrets', async () => {
    const { said } = await run({
      TEMPORAL_TLS_CLIENT_CERT_PATH: undefined,
      TEMPORAL_TLS_CLIENT_KEY_PATH: undefined,
      DROVER_FROM_FILE_TEMPORAL_TLS_CLIENT_CERT_DATA: environment['TEMPORAL_TLS_CLIENT_CERT_PATH'],
      DROVER_FROM_FILE_TEMPORAL_TLS_CLIENT_KEY_DATA: environment['TEMPORAL_TLS_CLIENT_KEY_PATH'],
    });
    expect(said).toMatch(/rollback-\d+/);
  });

  it('refuses who has none, which is said with its address', async () => {
    const before = front.refused();
    const { code, said } = await run({
      TEMPORAL_TLS_CLIENT_CERT_PATH: undefined,
      TEMPORAL_TLS_CLIENT_KEY_PATH: undefined,
    });
    expect(code).toBe(1);
    expect(said).toContain(`No Temporal server answers at ${environment['TEMPORAL_ADDRESS']}`);
    expect(front.refused()).toBeGreaterThan(before);
  });
});
