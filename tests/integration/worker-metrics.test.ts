import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { queues } from '../../contracts/names';
import { readSettings } from '../../contracts/schemas/settings';
import { createLogger } from '../../lib/logging/logger';
import { runWorker } from '../../workers/main';
import { foreignMetrics } from '../support/foreign-metrics';
import { freePort } from '../support/free-port';
import { nativePart } from '../support/native';
import { connectTo } from '../support/temporal-server';

jest.setTimeout(60_000);

const home = mkdtempSync(join(tmpdir(), 'drover-worker-metrics-'));
const logger = createLogger({ level: 'error', service: 'test' });
let server: ChildProcess;
let client: Client;
let temporal: number;
let serverMetrics: number;

/** As `npm start` starts it where workers tell Prometheus. */
beforeAll(async () => {
  temporal = await freePort();
  serverMetrics = await freePort();
  const args = ['--headless', '--ip', '127.0.0.1', '--log-level', 'error', '--port', String(temporal)];
  server = spawn(
    nativePart('temporal'),
    ['server', 'start-dev', ...args, '--metrics-port', String(serverMetrics)],
    { stdio: 'ignore' },
  );
  client = new Client({ connection: await connectTo(temporal) });
}, 60_000);

afterAll(async () => {
  await client.connection.close();
  server.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

async function figures(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** The names in Prometheus' text, as they stand in its samples. */
function namesIn(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? []));
}

it('a worker and the server tell Prometheus all that rules and dashboards ask of them', async () => {
  const port = await freePort();
  const stop = new AbortController();
  let ready: () => void = () => undefined;
  const polling = new Promise<void>((resolve) => (ready = resolve));
  const worker = runWorker({
    settings: readSettings(
      {
        DROVER_HOME: home,
        DROVER_TEMPORAL_PORT: String(temporal),
        DROVER_METRICS_PORT: String(port),
        DROVER_DEVICE: 'cpu',
      },
      home,
    ),
    environment: process.env,
    queues: [queues.ml, queues.cpu, queues.gpu],
    logger,
    signal: stop.signal,
    onReady: ready,
  });
  await Promise.race([polling, worker]);

  await client.workflow
    .execute('rollback', { workflowId: 'nothing-there', taskQueue: queues.ml, args: [{ model: 'none' }] })
    .catch(() => undefined);
  await client.workflow.execute('notify', {
    workflowId: 'nobody-listens',
    taskQueue: queues.ml,
    args: [
      { event: { kind: 'test', id: 'event-1', model: 'none', version: 1, at: new Date().toISOString() } },
    ],
  });

  const text = await figures(port);
  expect(text).toMatch(/^drover_failures_total\{.*type="not-found".*\} 1$/m);
  expect(text).toMatch(/^drover_worker_quarantined 0$/m);
  const told = namesIn(text);
  expect(foreignMetrics.sdk.filter((name) => !told.has(name))).toEqual([]);

  const ofServer = namesIn(await figures(serverMetrics));
  expect(foreignMetrics.server.filter((name) => !ofServer.has(name))).toEqual([]);

  stop.abort();
  await worker;
});
