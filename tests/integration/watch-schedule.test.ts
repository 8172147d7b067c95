import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { watch, type WatchFlags } from '../../cli/commands/data/watch';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { watchId, workflowIds } from '../../contracts/names';
import { changeWatch, listWatches, putWatch } from '../../cli/temporal/schedules';
import { fakeActivities } from '../support/fake-activities';
import { until } from '../support/processes';
import { localServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const looks = async (): Promise<number> =>
  (await server.client.workflow.count(`WorkflowType = 'watchData' AND ExecutionStatus = 'Completed'`)).count;

describe('a watch on a schedule', () => {
  it('looks by itself, starts one pipeline, can be changed, paused, looked at now and removed', async () => {
    const { client } = server;
    expect(await listWatches(client)).toEqual([]);
    let owner: string | undefined;
    const activities = fakeActivities({ claimVersion: async ({ by }) => (owner ??= by) === by });
    await withWorkers(server, activities, async () => {
      expect(await putWatch(client, 'animals', { settle: 0 }, { every: '1s' })).toBe('made');
      await until('two looks', async () => (await looks()) >= 2, 30);
      expect(await putWatch(client, 'animals', { settle: 0 }, { every: '2h' })).toBe('changed');
      await until('the list to know', async () => (await listWatches(client))[0]?.rhythm === 'every 2h', 10);
      await changeWatch(client, 'animals', 'pause');
      await until(
        'the list to know of the pause',
        async () => (await listWatches(client))[0]?.paused === true,
        10,
      );
      await changeWatch(client, 'animals', 'resume');
      const before = await looks();
      await changeWatch(client, 'animals', 'now');
      await until('one look more', async () => (await looks()) > before, 20);
      const id = workflowIds.pipelineOf('animals', '0'.repeat(64));
      await client.workflow.getHandle(id).result();
      expect((await client.workflow.count(`WorkflowType = 'pipeline'`)).count).toBe(1);
    });
    await changeWatch(client, 'animals', 'remove');
    await expect(client.schedule.getHandle(watchId('animals')).describe()).rejects.toThrow();
    await expect(changeWatch(client, 'animals', 'now')).rejects.toMatchObject({ type: 'not-found' });
  }, 90_000);

  it.each(['', '10', '0s', '-1m', '1 week'])('refuses to look every %j', async (every) => {
    await expect(putWatch(server.client, 'animals', {}, { every })).rejects.toMatchObject({
      type: 'start-refused',
    });
  });

  it.each(['now and then', '99 * * * *'])('refuses the cron line %j, which is no defect', async (cron) => {
    await expect(putWatch(server.client, 'animals', {}, { cron })).rejects.toMatchObject({
      type: 'start-refused',
      message: expect.stringMatching(/--cron takes/),
    });
  });
});

describe('`drover data watch`', () => {
  const outside: Outside = {
    environment: {},
    folder: mkdtempSync(join(tmpdir(), 'drover-')),
    program: join(__dirname, '../../bin/drover.js'),
  };
  const said = async (words: readonly string[], flags: WatchFlags): Promise<string> => {
    let text = '';
    const out = new Console({ write: (line) => (text += line) }, plainColours, false);
    const environment = { TEMPORAL_ADDRESS: server.address };
    await watch(words, flags, { ...outside, environment }, out);
    return text;
  };

  it('prints nothing but JSON where asked, whatever it does', async () => {
    const json = true;
    expect(JSON.parse(await said([], { every: '2h', now: true, json }))).toEqual({
      ...{ dataset: 'animals', schedule: 'watch-animals', done: ['made', 'now'], every: '2h' },
    });
    expect(JSON.parse(await said([], { pause: true, json }))).toEqual({
      ...{ dataset: 'animals', schedule: 'watch-animals', done: ['pause'] },
    });
    expect(JSON.parse(await said([], { remove: true, json }))).toMatchObject({ done: ['remove'] });
  });

  it('refuses at once what every look would fail at', async () => {
    for (const words of [['none.yaml'], ['sourse.uri=./photos']]) {
      await expect(said(words, { every: '2h' })).rejects.toMatchObject({
        type: expect.stringMatching(/^(not-found|configuration-invalid)$/),
      });
    }
    await expect(server.client.schedule.getHandle(watchId('animals')).describe()).rejects.toThrow();
  });
});
