import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { GpuWorkersConfig } from '../../../contracts/schemas/gpu-workers';
import { isLive } from '../../../lib/gpu-workers/decide';
import { lookAfterGpuWorkers, type LookMode } from '../../../lib/gpu-workers/look';
import { changeGpuWorkers, readGpuWorkers } from '../../../lib/gpu-workers/records';
import { createVertexClient, type VertexClient } from '../../../lib/gpu-workers/vertex';
import { createRandom } from '../../../lib/random';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { startFakeVertex, vertexFaults, type FakeVertex, type VertexFault } from '../../support/fake-vertex';
import { gpuWorkersConfig, gpuWorkersSettings } from '../../support/gpu-workers-config';

jest.setTimeout(60_000);

let root: string;
let store: Store;
let vertex: FakeVertex;
let clock: number;
/** Names of workers that Temporal hears of. */
let heard: Map<string, number>;
let client: VertexClient;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'drover-gpu-workers-'));
  store = createFolderStore(root);
  vertex = await startFakeVertex();
  clock = Date.parse('2026-11-25T08:00:00Z');
  vertex.now = () => new Date(clock);
  heard = new Map();
  client = createVertexClient(vertex.origin, 300);
});

afterEach(async () => {
  await vertex.stop();
  rmSync(root, { recursive: true, force: true });
});

const after = (seconds: number): void => void (clock += seconds * 1000);
const look = (
  backlog: number | undefined,
  mode: LookMode = 'look',
  config: GpuWorkersConfig = gpuWorkersConfig(),
) => lookAfterGpuWorkers(config, mode, { backlog, heard }, { store, client, now: () => new Date(clock) });
const comes = (): void => {
  for (const { asked, state } of vertex.living())
    if (state === 'JOB_STATE_RUNNING') heard.set(asked.displayName, clock);
};
const failOnce = (call: RegExp, fault: VertexFault): void => {
  let isDone = false;
  vertex.fault = (which) => {
    if (isDone || !call.test(which)) return undefined;
    isDone = true;
    return fault;
  };
};

describe('a look at the queue', () => {
  it('starts what waits, follows it until it has ended by itself, and counts what it cost', async () => {
    expect((await look(2)).started).toHaveLength(2);
    comes();
    after(3600);
    comes();
    expect(await look(0)).toMatchObject({ live: 2, started: [], stopped: [] });
    expect((await readGpuWorkers(store)).jobs.map(({ state }) => state)).toEqual(['working', 'working']);
    for (const job of vertex.living()) vertex.end(job, 'JOB_STATE_SUCCEEDED');
    const last = await look(0);
    expect(last.live).toBe(0);
    expect(last.spent).toEqual({ today: 1, ever: 1, currency: 'USD' });
  });

  it('asks for a spot T4 that ends by itself, found by its labels, and tells Google no secret', async () => {
    await look(1);
    const [job] = vertex.jobs;
    const text = JSON.stringify(job?.asked);
    expect(job?.asked.labels).toEqual({ drover_pool: 'pets', drover_worker: job?.asked.displayName });
    const { args, env } = job?.asked.jobSpec.workerPoolSpecs[0]?.containerSpec ?? { args: [], env: [] };
    expect(args).toEqual(['worker', '--queue', 'gpu', '--end-when-idle', '10m']);
    expect(env).toContainEqual({
      name: 'DROVER_FROM_SECRET_MANAGER_TEMPORAL_API_KEY',
      value: 'projects/pets-12345/secrets/temporal-key/versions/latest',
    });
    expect(env.map(({ name }) => name)).not.toContain('TEMPORAL_API_KEY');
    expect(text).not.toContain('undefined');
  });

  it('plans without changing anything, as YAML with the machine and an estimate', async () => {
    const { plan, live } = await look(2, 'plan');
    expect(live).toBe(0);
    expect(plan).toContain('An estimate: 1.00 USD an hour');
    expect(plan?.match(/NVIDIA_TESLA_T4/g)).toHaveLength(2);
    expect(plan).toContain('strategy: SPOT');
    expect(vertex.calls.every((call) => call.startsWith('GET'))).toBe(true);
    expect((await readGpuWorkers(store)).jobs).toEqual([]);
  });

  it('waits where a region has no quota, tries the next, and does not hammer', async () => {
    vertex.fault = (call) => (call === 'POST europe-west4' ? 'quota' : undefined);
    const first = await look(1);
    expect(first.said.join(' ')).toContain('europe-west4 did not make a job (429): Quota exceeded');
    expect(vertex.jobs.map(({ region }) => region)).toEqual(['europe-west1']);
    after(60);
    await look(3);
    after(60);
    const later = await look(3);
    expect(later.said.join(' ')).toContain('europe-west4 is not asked before');
    expect(vertex.calls.filter((call) => call === 'POST europe-west4')).toHaveLength(1);
    expect(vertex.living()).toHaveLength(3);
  });

  it('waits twice as long each time that no region has room', async () => {
    vertex.fault = (call) => (call.startsWith('POST') ? 'quota' : undefined);
    for (let minute = 0; minute < 60; minute += 1) {
      await look(3);
      after(60);
    }
    // At 0, 5, 15 and 35 minutes.
    expect(vertex.calls.filter((call) => call === 'POST europe-west4')).toHaveLength(4);
    expect((await readGpuWorkers(store)).jobs).toEqual([]);
  });

  it('says what permission lacks, and makes nothing', async () => {
    vertex.fault = (call) => (call.startsWith('POST') ? 'denied' : undefined);
    const { said, live } = await look(1);
    expect(said.join(' ')).toContain("(403): Permission 'aiplatform.customJobs.create' denied");
    expect(live).toBe(0);
  });

  it('takes a job that ended before its worker came as a region without room', async () => {
    await look(1);
    const [job] = vertex.living();
    if (job)
      vertex.end(job, 'JOB_STATE_FAILED', { code: 8, message: 'Resources are insufficient in region' });
    after(60);
    await look(1);
    expect(vertex.jobs.map(({ region }) => region)).toEqual(['europe-west4', 'europe-west1']);
  });

  it('cancels a job at Google that nothing is written of, and counts it until it has ended', async () => {
    await look(3);
    await store.remove('gpu-workers/record.json');
    rmSync(join(root, 'gpu-workers'), { recursive: true, force: true });
    const found = await look(3);
    expect(vertex.living()).toHaveLength(0);
    expect(found.started).toEqual([]);
    after(60);
    await look(0);
    expect((await readGpuWorkers(store)).jobs.filter(isLive)).toEqual([]);
  });

  it.each([
    { every: '1m', seconds: 60, away: 301 },
    { every: '10m', seconds: 600, away: 1201 },
  ])('looking every $every, stops a silent worker, and none because nobody looked', async (pace) => {
    const config = gpuWorkersConfig({ every: pace.every });
    await look(1, 'look', config);
    comes();
    await look(0, 'look', config);
    after(pace.away);
    expect((await look(0, 'look', config)).stopped).toEqual([]);
    for (let looks = 0; looks < 10; looks += 1) {
      after(pace.seconds);
      await look(0, 'look', config);
    }
    expect(vertex.living()).toEqual([]);
    expect((await readGpuWorkers(store)).jobs[0]?.note).toContain('silent for more than 10m');
  });

  it("leaves other people's jobs alone", async () => {
    await client.create(
      { project: 'pets-12345', region: 'europe-west4' },
      { displayName: 'theirs', labels: { drover_pool: 'others' }, jobSpec: { workerPoolSpecs: [] } },
    );
    await look(0, 'stop');
    expect(vertex.living()).toHaveLength(1);
  });

  it('stops everything, also what is only found later, and starts nothing until it is told to', async () => {
    failOnce(/POST/, 'lost-answer');
    await look(2);
    after(5);
    await look(5, 'stop');
    expect(vertex.living()).toHaveLength(0);
    after(60);
    expect(await look(5)).toMatchObject({ started: [], live: 0 });
    await changeGpuWorkers(store, (record) => ({ ...record, stopped: false }));
    expect((await look(2)).started).toHaveLength(2);
  });
});

describe('a fault at a call', () => {
  const calls = [/^POST/, /^GET/, /^CANCEL/];
  for (const call of calls) {
    for (const fault of vertexFaults) {
      it(`${fault} at ${call.source.slice(1)}: one worker for one training, and none in the end`, async () => {
        failOnce(call, fault);
        await look(1);
        for (let minute = 0; minute < 12; minute += 1) {
          after(60);
          comes();
          await look(vertex.living().length > 0 ? 0 : 1);
        }
        expect(vertex.living()).toHaveLength(1);
        expect(vertex.most).toBe(1);
        for (let minute = 0; minute < 4; minute += 1) {
          await look(1, 'stop');
          after(60);
        }
        expect(vertex.living()).toHaveLength(0);
        expect((await readGpuWorkers(store)).jobs.filter(isLive)).toEqual([]);
      });
    }
  }
});

/** Stops the world after some calls of Google's or writes of the store, as a kill does. */
class Killed extends Error {}
function killedAfter(steps: number): { client: VertexClient; store: Store } {
  let left = steps;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new Killed();
    left -= 1;
    const done = await work();
    // Done, and nobody hears of it.
    if (left === 0) throw new Killed();
    return done;
  };
  return {
    client: {
      create: (...given) => step(() => client.create(...given)),
      list: (...given) => client.list(...given),
      get: (...given) => client.get(...given),
      cancel: (...given) => step(() => client.cancel(...given)),
    },
    store: {
      ...store,
      location: store.location,
      compareAndSwap: (...given) => step(() => store.compareAndSwap(...given)),
    },
  };
}

describe('a worker that is killed between any two steps', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'after %i steps: the next look goes on with what there is, and starts nothing twice',
    async (steps) => {
      const world = killedAfter(steps);
      await lookAfterGpuWorkers(
        gpuWorkersConfig(),
        'look',
        { backlog: 2, heard },
        { ...world, now: () => new Date(clock) },
      ).catch(() => undefined);
      for (let minute = 0; minute < 5; minute += 1) {
        after(60);
        comes();
        await look(Math.max(0, 2 - vertex.living().length));
      }
      expect(vertex.living()).toHaveLength(2);
      expect(vertex.most).toBe(2);
      const names = vertex.jobs.map(({ asked }) => asked.displayName);
      expect(new Set(names).size).toBe(names.length);
      await look(0, 'stop');
      after(300);
      await look(0, 'stop');
      expect(vertex.living()).toHaveLength(0);
    },
  );
});

describe('whatever goes wrong', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'there are never more jobs than the cap, and none is forgotten (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const chance = (share: number): boolean => random.next() < share;
      vertex.fault = () => (chance(0.35) ? vertexFaults[random.int(vertexFaults.length)] : undefined);
      vertex.onJob = (job) => {
        if (chance(0.2)) return;
        job.state = 'JOB_STATE_RUNNING';
        job.startTime = new Date(clock).toISOString();
      };
      client = createVertexClient(vertex.origin, 60);
      const config = gpuWorkersConfig({ most: 2, retry_region_after: '1m' });
      for (let round = 0; round < 25; round += 1) {
        after(20 + random.int(100));
        if (chance(0.7)) comes();
        for (const job of vertex.living()) {
          if (!chance(0.15)) continue;
          const isTaken = random.int(2) === 0;
          if (isTaken) vertex.end(job, 'JOB_STATE_FAILED', { code: 13, message: 'taken away' });
          else vertex.end(job, 'JOB_STATE_SUCCEEDED');
        }
        const backlog = random.int(6);
        const world = chance(0.3) ? killedAfter(1 + random.int(6)) : { client, store };
        const one = (surroundings: { client: VertexClient; store: Store }) =>
          lookAfterGpuWorkers(
            config,
            'look',
            { backlog, heard },
            { ...surroundings, now: () => new Date(clock) },
          ).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
        // Sometimes two at once, as after an activity that was taken for lost.
        await Promise.all(chance(0.3) ? [one(world), one({ client, store })] : [one(world)]);
      }
      expect(vertex.most).toBeLessThanOrEqual(2);
      vertex.fault = () => undefined;
      for (let round = 0; round < 5; round += 1) {
        await look(5, 'stop', config);
        after(100);
      }
      expect(vertex.living()).toEqual([]);
      expect((await readGpuWorkers(store)).jobs.filter(isLive)).toEqual([]);
    },
  );
});

it('a store that is a folder can be reached by no job: said before anything is asked', async () => {
  const { store: _, ...worker } = gpuWorkersSettings.worker;
  await expect(look(1, 'look', gpuWorkersConfig({ worker }))).rejects.toMatchObject({
    type: 'configuration-invalid',
  });
  expect(vertex.calls).toEqual([]);
});
