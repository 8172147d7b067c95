import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { identify, isAlive } from '../../cli/processes/identity';
import { readLedger } from '../../cli/processes/ledger';
import type { ProcessIdentity } from '../../contracts/schemas/processes';

const program = join(__dirname, '..', '..', 'bin', 'drover.js');
const workflowId = 'pipeline-animals';

/** A sample that is ready in seconds, and a sweep that lasts long enough to be killed in. */
const changes = [
  'source.uri="sample://animals?variations=3&size=48"',
  'preprocess.size=24',
  'sweep.run_cap=2',
  'sweep.train.epochs=600',
  // Else the only checkpoint is the one at a training's end.
  'sweep.train.checkpoint_every=1s',
  'sweep.train.network.filters=[8]',
];

let folder: string;
let home: string;
let environment: NodeJS.ProcessEnv;
let ports: string[];
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
  home = join(folder, 'home');
  const servers = [0, 1, 2].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  environment = {
    ...process.env,
    TEMPORAL_ADDRESS: undefined,
    DROVER_HOME: home,
    DROVER_API_PORT: ports[0],
    DROVER_TEMPORAL_PORT: ports[1],
    DROVER_TEMPORAL_UI_PORT: ports[2],
  };
});

afterEach(async () => {
  for (const each of await recorded()) if (await isAlive(each)) process.kill(each.pid, 'SIGKILL');
  for (const each of started) each.kill('SIGKILL');
});

interface Started {
  readonly process: ChildProcess;
  readonly text: () => string;
  readonly code: Promise<number | null>;
}

function start(...words: string[]): Started {
  const child = spawn(process.execPath, [program, 'start', ...words], { cwd: folder, env: environment });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { process: child, text: () => text, code };
}

/** Looks until there is something; says what was printed where the process ended instead. */
async function until<T>(running: Started, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (running.process.exitCode !== null) throw new Error(`It ended early:\n${running.text()}`);
    await sleep(50);
  }
}

const serving = (running: Started) =>
  until(running, () => (running.text().includes('Serving after') ? running.text() : undefined));

/** Every process of the home, its supervisor first. */
async function recorded(): Promise<ProcessIdentity[]> {
  const ledger = await readLedger(home);
  return ledger ? [ledger.supervisor, ...ledger.children] : [];
}

async function apiProcess(): Promise<ProcessIdentity | undefined> {
  return (await readLedger(home))?.children.find(({ name }) => name === 'api');
}

/** Runs that have a checkpoint and no result yet. */
async function underWay(): Promise<string[]> {
  const runs = join(home, 'store', 'runs');
  const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);
  const found: string[] = [];
  for (const run of await namesIn(runs)) {
    const names = await namesIn(join(runs, run));
    if (names.includes('checkpoints') && !names.includes('result.json')) found.push(run);
  }
  return found;
}

async function workflow(): Promise<{ readonly runId: string; readonly state: string }> {
  const connection = await Connection.connect({ address: `127.0.0.1:${ports[1] ?? ''}` });
  try {
    const found = await new Client({ connection }).workflow.getHandle(workflowId).describe();
    return { runId: found.runId, state: found.status.name };
  } finally {
    await connection.close();
  }
}

async function answerTo(text: string): Promise<Response> {
  const [, path = ''] = /get_prediction -F "image=@([^"]+)"/.exec(text) ?? [];
  const form = new FormData();
  form.set('image', new Blob([await readFile(join(folder, path))]), 'picture.png');
  return fetch(`http://127.0.0.1:${ports[0] ?? ''}/get_prediction`, { method: 'POST', body: form });
}

/** Ctrl-C. */
async function end(running: Started): Promise<void> {
  const processes = await recorded();
  expect(processes.length).toBeGreaterThan(4);
  running.process.kill('SIGINT');
  expect(await running.code).toBe(0);
  for (const each of processes) expect(await identify(each.pid)).toBeUndefined();
  expect(await readLedger(home)).toBeUndefined();
}

describe('`npm start`', () => {
  it('goes on with the same workflow after kill -9 of everything, serves, mends itself, and ends', async () => {
    const first = start(...changes);
    await until(first, async () => ((await underWay()).length > 0 ? true : undefined));
    const before = await workflow();
    for (const each of await recorded()) process.kill(each.pid, 'SIGKILL');
    await first.code;
    expect(before.state).toBe('RUNNING');
    const interrupted = await underWay();
    expect(interrupted).not.toEqual([]);

    const second = start(...changes);
    const text = await serving(second);
    expect(text).toContain(`Going on with ${workflowId}`);
    // The same changes are what it was started with.
    expect(text).not.toContain('is not taken');
    expect(await workflow()).toEqual({ runId: before.runId, state: 'COMPLETED' });
    expect(text.match(/^accuracy /gm)).toHaveLength(1);
    const answer = await answerTo(text);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ model: { name: 'animals', version: 1 } });
    await end(second);

    const third = start();
    const again = await serving(third);
    expect(again).not.toContain(workflowId);
    expect((await workflow()).runId).toBe(before.runId);

    const api = await until(third, apiProcess);
    process.kill(api.pid, 'SIGKILL');
    await until(third, async () => ((await apiProcess())?.pid === api.pid ? undefined : apiProcess()));
    await until(third, async () => {
      const { status } = await answerTo(again).catch(() => ({ status: 0 }));
      return status === 200 ? status : undefined;
    });
    await end(third);
  }, 240_000);
});
