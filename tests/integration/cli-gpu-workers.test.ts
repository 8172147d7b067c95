import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { gpuWorkers } from '../../cli/commands/gpu-workers';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { lookingSince, putGpuSchedule } from '../../cli/temporal/gpu-schedule';
import { Failure } from '../../contracts/failures';
import { fakeActivities } from '../support/fake-activities';
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

const stop = (): Promise<void> =>
  gpuWorkers('stop', {}, outside, new Console({ write: () => true }, plainColours, false));

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
