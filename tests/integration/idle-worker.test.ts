import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { queues } from '../../contracts/names';
import { freePort } from '../support/free-port';
import { connectTo, spawnTemporal } from '../support/temporal-server';

jest.setTimeout(90_000);

let server: ChildProcess;
let client: Client;
let port: number;
const home = mkdtempSync(join(tmpdir(), 'drover-idle-worker-'));

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

describe('a worker that is to end when idle', () => {
  it('does what waits first, then ends by itself, with exit code 0', async () => {
    const failing = client.workflow
      .execute('rollback', { workflowId: 'waits', taskQueue: queues.ml, args: [{ model: 'none' }] })
      .catch((error: unknown) => error);
    const worker = spawn(
      process.execPath,
      ['bin/drover.js', 'worker', '--queue', 'ml', '--end-when-idle', '3s'],
      {
        stdio: 'ignore',
        env: { ...process.env, DROVER_HOME: home, DROVER_TEMPORAL_PORT: String(port) },
      },
    );
    const ended = once(worker, 'exit');
    expect(await failing).toMatchObject({ cause: { cause: { type: 'not-found' } } });
    expect(await ended).toEqual([0, null]);
  });

  it('refuses a time that is none', async () => {
    const worker = spawn(
      process.execPath,
      ['bin/drover.js', 'worker', '--queue', 'ml', '--end-when-idle', 'soon'],
      {
        stdio: 'ignore',
      },
    );
    expect((await once(worker, 'exit'))[0]).not.toBe(0);
  });
});
