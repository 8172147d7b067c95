import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createGpuWorkersActivities } from '../../../activities/gpu-workers';
import type { GpuWorkersInput, GpuWorkersResult } from '../../../contracts/gpu-workers';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { startFakeVertex, type FakeVertex } from '../../support/fake-vertex';
import { gpuWorkersSettings } from '../../support/gpu-workers-config';

let root: string;
let vertex: FakeVertex;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'drover-gpu-activities-'));
  vertex = await startFakeVertex();
});

afterEach(async () => {
  await vertex.stop();
  rmSync(root, { recursive: true, force: true });
});

/** A look where one training waits, and Temporal tells of its workers or does not. */
function look(mode: GpuWorkersInput['mode'], tellsOfWorkers: boolean): Promise<GpuWorkersResult> {
  const client = new Client({ connection: Connection.lazy() });
  Object.assign(client.connection.workflowService, {
    describeTaskQueue: async () => ({ stats: { approximateBacklogCount: 1 } }),
    listWorkers: async () => {
      if (!tellsOfWorkers) throw new Error('away');
      return { workersInfo: [] };
    },
  });
  const { lookAfterGpuWorkers } = createGpuWorkersActivities({
    store: createFolderStore(join(root, 'store')),
    ...{ project: root, defaults: join(__dirname, '../../../configs') },
    deployment: { cloudEndpoint: vertex.origin },
  });
  const environment = new MockActivityEnvironment({}, { client, logger: new DefaultLogger('ERROR') });
  return environment.run(() => lookAfterGpuWorkers({ mode, config: gpuWorkersSettings }));
}

describe('a look where Temporal does not tell of its workers', () => {
  it('starts nothing: nobody could say which are silent', async () => {
    await expect(look('look', false)).rejects.toThrow('away');
    expect(vertex.jobs).toEqual([]);
  });

  it('stops everything all the same, where it is told to', async () => {
    await look('look', true);
    expect(vertex.living()).toHaveLength(1);
    await look('stop', false);
    expect(vertex.living()).toEqual([]);
  });
});
