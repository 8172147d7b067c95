import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../support/free-port';
import { connectTo, spawnTemporal } from '../support/temporal-server';

jest.setTimeout(90_000);

let server: ChildProcess;
let port: number;
const home = mkdtempSync(join(tmpdir(), 'drover-idle-worker-'));

beforeAll(async () => {
  port = await freePort();
  server = spawnTemporal(port, home);
  await (await connectTo(port)).close();
}, 60_000);

afterAll(() => {
  server.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

describe('a worker that is to end when idle', () => {
  it.each(['cpu', 'ml'])('ends by itself, with exit code 0, on the queue %s', async (queue) => {
    const worker = spawn(
      process.execPath,
      ['bin/drover.js', 'worker', '--queue', queue, '--end-when-idle', '1s'],
      {
        stdio: 'ignore',
        // One that never ends is not left behind.
        timeout: 80_000,
        killSignal: 'SIGKILL',
        env: { ...process.env, DROVER_HOME: home, DROVER_TEMPORAL_PORT: String(port) },
      },
    );
    expect(await once(worker, 'exit')).toEqual([0, null]);
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
