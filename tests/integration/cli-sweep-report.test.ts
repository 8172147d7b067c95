import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { run } from '../../cli/commands/run';
import { reportSweep } from '../../cli/commands/sweep-report';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import type { Outside } from '../../cli/settings';
import { fakeActivities } from '../support/fake-activities';
import { withPolledWorkers } from '../support/polled-workers';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let outside: Outside;

beforeAll(async () => {
  server = await localServer();
  const folder = await mkdtemp(join(tmpdir(), 'drover-'));
  outside = { environment: { TEMPORAL_ADDRESS: server.address }, folder, program: '' };
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const quiet = () => new Console({ write: () => true }, plainColours, false);

it('`drover sweep report` asks the only sweep that runs how it stands', async () => {
  const fake = fakeActivities();
  let finish: (() => void) | undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const begun = new Set<number>();
  const trainRun: typeof fake.trainRun = async (input) => {
    // By which the fake search tells its trials apart; which of the first two begins first is chance.
    const { lr } = input.config;
    begun.add(lr);
    if (lr !== 0.01) await finished;
    return fake.trainRun(input);
  };
  await withPolledWorkers(server, { ...fake, trainRun }, async () => {
    await run('sweep', [], { id: 'reported', detach: true }, outside, quiet());
    // Once the third has begun, the first has ended: two are under way at once.
    while (begun.size < 3) await sleep(20);
    try {
      await reportSweep(undefined, { out: 'report.html' }, outside, quiet());
      const page = await readFile(join(outside.folder, 'report.html'), 'utf8');
      expect(page).toContain('<title>Sweep reported</title>');
      expect(page).toContain('still runs');
      expect(page).toContain('The best: trial 1');
      expect(page.match(/<tr data-t=/g)).toHaveLength(3);
      await expect(reportSweep('never', {}, outside, quiet())).rejects.toThrow(/No sweep never runs/);
    } finally {
      // Else what a test has found wrong is hidden by trainings that wait for ever.
      finish?.();
    }
    await server.client.workflow.getHandle('reported').result();
  });
});
