import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createMonitorActivities } from '../../activities/monitor';
import { decideDrift } from '../../cli/commands/monitor/decide';
import { listLooks } from '../../cli/commands/monitor/list';
import { reportLook } from '../../cli/commands/monitor/report';
import { runMonitor } from '../../cli/commands/monitor/run';
import { changeSchedule, scheduleMonitor } from '../../cli/commands/monitor/schedule';
import { monitorStatus } from '../../cli/commands/monitor/status';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import { type Outside, settingsOf } from '../../cli/settings';
import { findMonitor, putMonitor } from '../../cli/temporal/monitor-schedules';
import { monitorIds } from '../../contracts/monitor';
import type { LookVerdict } from '../../contracts/schemas/monitor';
import { reportKey } from '../../lib/monitor/keys';
import { latestLook, writeLook } from '../../lib/monitor/records';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { lookOf, untilAsked } from '../support/drifting';
import { fakeActivities } from '../support/fake-activities';
import { withPolledWorkers } from '../support/polled-workers';
import { until } from '../support/processes';
import { versionsIn } from '../support/registered-versions';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let folder: string;
let outside: Outside;
let store: Store;
let activities: ReturnType<typeof fakeActivities>;
let verdict: LookVerdict = 'quiet';

/** Configuration, registry, records, schedules and workflows are real; what a look comes to is what the test says. */
beforeAll(async () => {
  server = await localServer();
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
  const program = join(__dirname, '../../bin/drover.js');
  outside = { environment: { TEMPORAL_ADDRESS: server.address }, folder, program };
  store = openStore(settingsOf({}, outside).store, { gcsEndpoint: undefined });
  const registry = createRegistry(store);
  await versionsIn(store, 'animals', 1);
  await registry.moveAlias('animals', 'champion', {
    ...{ version: 1, expected: undefined, by: 'test', reason: 'test' },
  });
  const real = createMonitorActivities({
    ...{ store, registry, project: folder, defaults: join(__dirname, '../../configs') },
  });
  activities = fakeActivities({
    ...real,
    addReviewedLabels: async () => undefined,
    lookForDrift: async (wish) => {
      const look = { ...lookOf({ ...wish, verdict }), at: wish.at };
      const key = reportKey(wish.model, wish.id);
      await store.write(key, Buffer.from('<!doctype html>a report'));
      await writeLook(store, { ...look, report: `store://${key}` });
      return { ...look, report: `store://${key}` };
    },
  });
  await mkdir(join(folder, 'configs'));
}, 60_000);

afterEach(() => {
  process.exitCode = undefined;
});

afterAll(async () => {
  await server.teardown();
  await rm(folder, { recursive: true, force: true });
});

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

/** What a command says. */
async function said(command: (out: Console) => Promise<void>): Promise<string> {
  const { out, text } = captured();
  await command(out);
  return text();
}

describe('drover monitor', () => {
  it('says that nobody has looked, before anybody has', async () => {
    expect(await said((out) => listLooks({ limit: '5' }, outside, out))).toContain('npx drover monitor run');
    expect(await said((out) => monitorStatus({}, outside, out))).toContain('animals is on no schedule');
    await expect(reportLook(undefined, {}, outside, captured().out)).rejects.toMatchObject({
      type: 'not-found',
    });
  });

  it('refuses a wrong configuration with its line and what was meant, and starts nothing', async () => {
    await writeFile(join(folder, 'configs', 'monitor.yaml'), 'every: 1d\nwindw: 7d\non_breach: aks\n');
    const refusal = await runMonitor([], {}, outside, captured().out).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      type: 'configuration-invalid',
      message: expect.stringContaining('configs/monitor.yaml:2:1 windw: unknown key; did you mean "window"?'),
    });
    expect(refusal).toMatchObject({
      message: expect.stringContaining('configs/monitor.yaml:3:12 on_breach'),
    });
    await expect(scheduleMonitor([], {}, outside, captured().out)).rejects.toMatchObject({
      type: 'configuration-invalid',
    });
    expect(await findMonitor(server.client, 'animals')).toBeUndefined();
    await rm(join(folder, 'configs', 'monitor.yaml'));
  });

  it('looks now, prints each check, and ends with 1 where there is drift', async () => {
    await withPolledWorkers(server, activities, async () => {
      verdict = 'quiet';
      expect(await said((out) => runMonitor(['window=2d'], {}, outside, out))).toMatch(
        /animals version 1 no drift[^]*brightness +0\.3 KS/,
      );
      expect(process.exitCode).toBeUndefined();
      verdict = 'drift';
      const text = await said((out) => runMonitor(['on_breach=ask'], { dryRun: true }, outside, out));
      expect(text).toContain('animals version 1 drift');
      expect(text).toContain('A dry run: nobody was told, and nothing was started.');
      expect(process.exitCode).toBe(1);
      expect((await latestLook(store, 'animals'))?.verdict).toBe('quiet');
    });
  });

  it('asks a person, says how to decide, and starts the pipeline once approved', async () => {
    const handle = server.client.workflow.getHandle(monitorIds.retrain('animals', 1));
    await withPolledWorkers(server, activities, async () => {
      expect(await said((out) => runMonitor(['on_breach=ask'], {}, outside, out))).toContain(
        'npx drover monitor approve --model animals --by NAME --reason WHY',
      );
      await untilAsked(handle);
      expect(await said((out) => monitorStatus({}, outside, out))).toContain('waits for a person');
      const decision = { by: 'Ada', reason: 'a new camera' };
      expect(await said((out) => decideDrift('approve', decision, outside, out))).toContain('Approved');
      expect(await handle.result()).toMatchObject({ state: 'started' });
      await server.client.workflow.getHandle(monitorIds.pipeline('animals', 1)).result();
      expect(await said((out) => listLooks({ limit: '5' }, outside, out))).toMatch(/drift +started/);
      await expect(decideDrift('reject', decision, outside, captured().out)).rejects.toMatchObject({
        type: 'not-found',
      });
    });
  });

  it('tells of the same drift again, and asks nobody again until its cooldown has passed', async () => {
    const handle = server.client.workflow.getHandle(monitorIds.retrain('animals', 1));
    await withPolledWorkers(server, activities, async () => {
      expect(await said((out) => runMonitor(['on_breach=ask'], {}, outside, out))).toMatch(
        /follows +nothing until \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC \(`cooldown`\): approved by Ada: a new camera/,
      );
      expect(await said((out) => monitorStatus({}, outside, out))).toContain('a pipeline was started');
      expect(await said((out) => runMonitor(['on_breach=ask', 'cooldown=1s'], {}, outside, out))).toContain(
        'A person is asked',
      );
      await untilAsked(handle);
      const decision = { by: 'Ada', reason: 'a fair was on' };
      await said((out) => decideDrift('reject', decision, outside, out));
      expect(await handle.result()).toMatchObject({ state: 'rejected' });
      expect(await said((out) => runMonitor(['on_breach=ask'], {}, outside, out))).toContain(
        'rejected by Ada: a fair was on',
      );
    });
  });

  it('prints where a report lies, and writes it elsewhere', async () => {
    const place = (await said((out) => reportLook(undefined, {}, outside, out))).trim();
    expect(await readFile(place, 'utf8')).toContain('a report');
    const copy = join(folder, 'copy.html');
    await reportLook(undefined, { out: copy }, outside, captured().out);
    expect(await readFile(copy, 'utf8')).toContain('a report');
    await expect(reportLook('nothing', {}, outside, captured().out)).rejects.toMatchObject({
      message: expect.stringContaining('npx drover monitor list'),
    });
  });

  it('looks on a schedule, which can be changed, paused, resumed and removed', async () => {
    verdict = 'quiet';
    await withPolledWorkers(server, activities, async () => {
      const text = await said((out) => scheduleMonitor(['window=3h'], { every: '1s' }, outside, out));
      expect(text).toContain('Looking at animals every 1s, each time at the last 3h.');
      const before = (await latestLook(store, 'animals'))?.id;
      await until('a look by itself', async () => (await latestLook(store, 'animals'))?.id !== before, 30);
    });
    expect(await putMonitor(server.client, 'animals', {}, { every: '2h' })).toBe('changed');
    await changeSchedule('pause', {}, outside, captured().out);
    expect(await findMonitor(server.client, 'animals')).toMatchObject({ paused: true, rhythm: 'every 2h' });
    expect(await said((out) => monitorStatus({}, outside, out))).toContain('animals is paused (every 2h)');
    await changeSchedule('resume', {}, outside, captured().out);
    expect(await findMonitor(server.client, 'animals')).toMatchObject({ paused: false });
    await changeSchedule('unschedule', {}, outside, captured().out);
    expect(await findMonitor(server.client, 'animals')).toBeUndefined();
    await expect(changeSchedule('pause', {}, outside, captured().out)).rejects.toMatchObject({
      type: 'not-found',
      message: expect.stringContaining('npx drover monitor schedule'),
    });
    await expect(
      scheduleMonitor([], { every: '1d', cron: '0 6 * * *' }, outside, captured().out),
    ).rejects.toMatchObject({ type: 'start-refused' });
  });
});
