import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { stringify } from 'yaml';
import { createGpuWorkersActivities } from '../../activities/gpu-workers';
import { gpuWorkers } from '../../cli/commands/gpu-workers';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { lookingSince, putGpuSchedule, removeGpuSchedule } from '../../cli/temporal/gpu-schedule';
import { Failure } from '../../contracts/failures';
import { gpuWorkersIds } from '../../contracts/gpu-workers';
import { queues } from '../../contracts/names';
import { createFolderStore } from '../../lib/storage/folder-store';
import { fakeActivities } from '../support/fake-activities';
import { gpuWorkersSettings } from '../support/gpu-workers-config';
import { withPolledWorkers } from '../support/polled-workers';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let folder: string;
let outside: Outside;

beforeAll(async () => {
  server = await localServer();
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
  const program = join(__dirname, '../../bin/drover.js');
  outside = { environment: { TEMPORAL_ADDRESS: server.address }, folder, program };
}, 60_000);

afterAll(async () => {
  await server.teardown();
  await rm(folder, { recursive: true, force: true });
});

const run = (command: 'start' | 'stop'): Promise<void> =>
  gpuWorkers(command, {}, outside, new Console({ write: () => true }, plainColours, false));
const stop = (): Promise<void> => run('stop');

describe('drover gpu-workers stop', () => {
  it('ends the looks once all has ended, and not where nothing could be stopped', async () => {
    await putGpuSchedule(server.client, '1h', {});
    // Nobody polls yet.
    await expect(stop()).rejects.toMatchObject({ type: 'start-refused' });
    expect(await lookingSince(server.client)).toBe('60m');

    let isBroken = true;
    const { lookAfterGpuWorkers: look, ...activities } = fakeActivities();
    const broken = async (input: unknown) => {
      if (isBroken) throw new Failure('configuration-invalid', 'configs/gpu-workers.yaml: broken');
      return look(input);
    };
    await withPolledWorkers(server, { ...activities, lookAfterGpuWorkers: broken }, async () => {
      await expect(stop()).rejects.toMatchObject({ type: 'configuration-invalid' });
      expect(await lookingSince(server.client)).toBe('60m');
      isBroken = false;
      await stop();
    });
    expect(await lookingSince(server.client)).toBeUndefined();
  }, 90_000);
});

describe('drover gpu-workers start', () => {
  beforeEach(async () => {
    await removeGpuSchedule(server.client);
    await mkdir(join(folder, 'configs'), { recursive: true });
    await writeFile(join(folder, 'configs/gpu-workers.yaml'), stringify(gpuWorkersSettings));
  });

  it('is refused while a stop still goes on, whose next look would undo it', async () => {
    const real = createGpuWorkersActivities({
      store: createFolderStore(join(folder, 'store')),
      ...{ project: folder, defaults: folder, deployment: { cloudEndpoint: undefined } },
    });
    const fake = fakeActivities();
    const activities = fakeActivities({
      startGpuWorkersAgain: real.startGpuWorkersAgain,
      lookAfterGpuWorkers: async (input) => ({ ...(await fake.lookAfterGpuWorkers(input)), live: 1 }),
    });
    await withPolledWorkers(server, activities, async () => {
      const stopping = await server.client.workflow.start('gpuWorkers', {
        ...{ workflowId: gpuWorkersIds.stop, taskQueue: queues.ml, args: [{ mode: 'stop' }] },
      });
      await expect(run('start')).rejects.toMatchObject({
        type: 'start-refused',
        message: expect.stringMatching(/gpu-workers-stop still ends the workers/),
      });
      expect(await lookingSince(server.client)).toBeUndefined();
      await stopping.terminate();
      await run('start');
    });
    expect(await lookingSince(server.client)).toBeDefined();
  }, 90_000);

  it('that is left during its first look sets up no further ones', async () => {
    const fake = fakeActivities();
    let go = (): void => undefined;
    const told = new Promise<void>((resolve) => (go = resolve));
    const activities = fakeActivities({
      lookAfterGpuWorkers: async (input) => {
        process.emit('SIGINT');
        await told;
        return fake.lookAfterGpuWorkers(input);
      },
    });
    await withPolledWorkers(server, activities, async () => {
      await run('start');
      go();
    });
    expect(process.exitCode).toBe(130);
    process.exitCode = undefined;
    expect(await lookingSince(server.client)).toBeUndefined();
  }, 90_000);
});
