import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { queues, searchAttributes } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import { createLogger } from '../../lib/logging/logger';
import { runWorker } from '../../workers/main';
import { freePort } from '../support/free-port';
import { connectTo, spawnTemporal } from '../support/temporal-server';

jest.setTimeout(60_000);

let server: ChildProcess;
let client: Client;
let port: number;
const home = mkdtempSync(join(tmpdir(), 'drover-worker-'));
const logger = createLogger({ level: 'error', service: 'test' });

beforeAll(async () => {
  port = await freePort();
  server = spawnTemporal(port, home);
  client = new Client({ connection: await connectTo(port) });
}, 60_000);

afterAll(async () => {
  await client.connection.close();
  server.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

const settingsFor = (temporal: number) =>
  readSettings({ DROVER_HOME: home, DROVER_TEMPORAL_PORT: String(temporal) }, home);

describe('a worker', () => {
  it('registers the search attributes, polls its queues, works, and stops when it is told to', async () => {
    const stop = new AbortController();
    let ready: () => void = () => undefined;
    const polling = new Promise<void>((resolve) => (ready = resolve));
    const worker = runWorker({
      settings: settingsFor(port),
      environment: process.env,
      queues: [queues.ml, queues.cpu],
      logger,
      signal: stop.signal,
      onReady: ready,
    });
    await Promise.race([polling, worker]);

    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
    const failed = await client.workflow
      .execute('rollback', { workflowId: 'nothing-there', taskQueue: queues.ml, args: [{ model: 'none' }] })
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ cause: { cause: { type: 'not-found' } } });

    stop.abort();
    await expect(worker).resolves.toBeUndefined();
  });

  it('waits for a server that is not there, until it is told to stop', async () => {
    const stop = new AbortController();
    const nobody = await freePort();
    const worker = runWorker({
      settings: settingsFor(nobody),
      environment: process.env,
      queues: [queues.gpu],
      logger,
      signal: stop.signal,
    });
    const ending = expect(worker).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    stop.abort();
    await ending;
  });
});
