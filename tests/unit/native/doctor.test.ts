import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { readSettings } from '../../../contracts/schemas/settings';
import { doctor } from '../../../native/doctor';
import type { DoctorCheck } from '../../../native/doctor-check';
import { ensureNative } from '../../../native/ensure';
import type { World } from '../../../native/world';
import { FakeMachine } from './fake-machine';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});

afterEach(() => {
  machine.remove();
});

/** Port 0 can't be asked for, so the ports are ones that are rarely taken. */
async function examine(environment: Record<string, string> = {}, world: Partial<World> = {}) {
  const ports = { DROVER_API_PORT: '48761', DROVER_TEMPORAL_PORT: '48762', DROVER_TEMPORAL_UI_PORT: '48763' };
  const settings = readSettings({ ...ports, DROVER_CACHE: machine.cache, ...environment }, machine.folder);
  const checks = await doctor(settings, machine.world(world));
  return new Map(checks.map((check): [string, DoctorCheck] => [check.name, check]));
}

it('finds nothing amiss on a machine that is set up', async () => {
  await ensureNative(['temporal', 'tensorflow'], { cache: machine.cache, report: () => {} }, machine.world());
  machine.pip('echo "pip 99.9 from /somewhere"');
  const checks = await examine();
  expect([...checks.values()].filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.get('pip')?.found).toBe('pip 99.9');
  expect(checks.get("TensorFlow's addon")?.found).toBe('linked to TensorFlow for the CPU, and loads');
});

it('says what mends each fault', async () => {
  machine.without('python3');
  machine.without('g++');
  mkdirSync(join(machine.native, 'tensorflow-1.0-test-cpu.tmp-x'), { recursive: true });
  writeFileSync(join(machine.folder, 'file'), '');
  const checks = await examine(
    { DROVER_STORE: join(machine.folder, 'file', 'store') },
    { freeBytes: () => Promise.resolve(5e6) },
  );
  expect(checks.get('pip')).toMatchObject({ ok: false, found: 'no python3', advice: expect.any(String) });
  expect(checks.get('C++ compiler')).toMatchObject({ ok: false, found: 'none', advice: expect.any(String) });
  expect(checks.get('disk')).toMatchObject({
    ok: false,
    advice: expect.stringMatching(/^1\.0 GB are needed/),
  });
  expect(checks.get('Temporal')).toMatchObject({ ok: false, found: 'not set up yet' });
  expect(checks.get('TensorFlow')).toMatchObject({ ok: false, found: '1.0 for the CPU: half set up' });
  expect(checks.get("TensorFlow's addon")).toMatchObject({
    ...{ ok: false, comes: true, advice: 'npm start builds it' },
  });
  expect(checks.get('store')).toMatchObject({ ok: false, advice: expect.stringMatching(/DROVER_STORE/) });
});

it('names who holds a port, and accepts a Drover of this project', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const name = `port ${port} (API)`;
    const taken = (await examine({ DROVER_API_PORT: String(port) })).get(name);
    expect(taken).toMatchObject({ ok: false, found: expect.stringContaining(`(process ${process.pid})`) });
    expect(taken?.advice).toContain('DROVER_API_PORT=');
    const processes = { processes: [{ name: 'api', pid: process.pid }] };
    machine.write(join(machine.folder, '.drover', 'processes.json'), JSON.stringify(processes));
    const own = (await examine({ DROVER_API_PORT: String(port) })).get(name);
    expect(own).toMatchObject({ ok: true, found: expect.stringContaining("this project's running Drover") });
  } finally {
    server.close();
  }
});

it('leaves out the ports of a server that is not ours to start', async () => {
  const checks = await examine({
    TEMPORAL_ADDRESS: 'temporal.example.org:7233',
    DROVER_STORE: 'gs://bucket/x',
  });
  expect([...checks.keys()].filter((name) => name.startsWith('port'))).toEqual(['port 48761 (API)']);
  expect(checks.get('store')?.ok).toBe(true);
});

it('says that a platform has no such part', async () => {
  const checks = await examine({}, { platform: 'plan9-mips' });
  expect(checks.get('TensorFlow')).toMatchObject({ ok: false, advice: 'Use one of test-cpu' });
});
