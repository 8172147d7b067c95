import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { run } from '../../cli/commands/run';
import { status } from '../../cli/commands/status';
import { steer, watchSweep, wishes } from '../../cli/commands/sweep';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import { emptyView } from '../../cli/display/view';
import { makeChampion } from '../../cli/make-champion';
import type { Outside } from '../../cli/settings';
import { connect } from '../../cli/temporal/connect';
import { ProgressReader } from '../../cli/temporal/progress';
import { raiseRetention } from '../../cli/temporal/retention';
import { readSettings } from '../../contracts/schemas/settings';
import { Failure } from '../../contracts/failures';
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

/** As a terminal would have it: every redrawing, one after another. */
function live(): { out: Console; text: () => string } {
  let written = '';
  const terminal = { isTTY: true, columns: 100, rows: 40, write: (text: string) => (written += text) };
  return { out: new Console(terminal, plainColours, true), text: () => written };
}

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

describe('`drover run`', () => {
  // The first test, while nobody has ever polled here.
  it('says at once that nobody polls the queue, and starts nothing', async () => {
    await expect(run('sweep', [], {}, outside, captured().out)).rejects.toThrow(
      /Nobody polls the queue ml.*npm start/,
    );
    const { count } = await server.client.workflow.count();
    expect(count).toBe(0);
  });

  it('says that nothing answers where there is no server', async () => {
    const nowhere = { ...outside, environment: { DROVER_TEMPORAL_PORT: '1' } };
    await expect(run('sweep', [], {}, nowhere, captured().out)).rejects.toThrow(
      /No Temporal server answers.*npm start/,
    );
  });

  it('refuses a configuration file that is not there', async () => {
    await expect(run('sweep', ['configs/none.yaml'], {}, outside, captured().out)).rejects.toThrow(
      /no file configs\/none.yaml/,
    );
  });

  it('shows a pipeline’s stages and trials as they end, and its result', async () => {
    await withPolledWorkers(server, fakeActivities(), async () => {
      const { out, text } = captured();
      await run('pipeline', [], { id: 'shown' }, outside, out);
      expect(text()).toMatch(/ingest: done: 30 pictures: 20 train, 5 validation, 5 test/);
      expect(text()).toMatch(/trial 1: validation_loss 0\.01 \(lr=0\.01\)/);
      expect(text()).toMatch(/animals version 2 is the champion/);
      expect(text()).toMatch(/80\.0 % of 5 test pictures/);
    });
  });

  it('redraws the stages in place on a terminal', async () => {
    await withPolledWorkers(server, fakeActivities(), async () => {
      const { out, text } = live();
      await run('pipeline', [], { id: 'redrawn' }, outside, out);
      expect(text()).toMatch(/✓ ingest +30 pictures/);
      expect(text()).toMatch(/✓ promote +first of its name/);
      // The cursor is given back.
      expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'));
    });
  });

  it('hands a configuration and its changes to the workflow, and prints nothing but JSON where asked', async () => {
    await writeFile(join(outside.folder, 'sweep.yaml'), '');
    const given: unknown[] = [];
    const fake = fakeActivities();
    const resolveSweep: typeof fake.resolveSweep = (input) => {
      given.push(input);
      return fake.resolveSweep(input);
    };
    await withPolledWorkers(server, { ...fake, resolveSweep }, async () => {
      const { out, text } = captured();
      await run('sweep', ['sweep.yaml', 'run_cap=4'], { json: true }, outside, out);
      expect(JSON.parse(text())).toMatchObject({ metric: 'validation_loss', trials: 4, best: { trial: 1 } });
    });
    expect(given).toEqual([{ config: 'sweep.yaml', overrides: ['run_cap=4'] }]);
  });

  it('ends with the failure that the work named', async () => {
    const resolvePipeline = async (): Promise<never> => {
      throw new Failure('configuration-invalid', 'configs/pipeline.yaml:3: unknown key "sizes".');
    };
    await withPolledWorkers(server, fakeActivities({ resolvePipeline }), async () => {
      const failed = run('pipeline', [], {}, outside, captured().out);
      await expect(failed).rejects.toHaveProperty('type', 'configuration-invalid');
      await expect(failed).rejects.toThrow('configs/pipeline.yaml:3: unknown key "sizes".');
    });
    const { out, text } = captured();
    await status({}, outside, out);
    expect(text()).toMatch(
      /^pipeline-\S+ +failed .*\n {4}The configuration is not valid\. configs\/pipeline\.yaml:3: unknown key "sizes"\.$/m,
    );
  });

  it('refuses an id that runs already', async () => {
    let finish: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const fake = fakeActivities();
    const resolveTrain: typeof fake.resolveTrain = async (input) => {
      await finished;
      return fake.resolveTrain(input);
    };
    await withPolledWorkers(server, { ...fake, resolveTrain }, async () => {
      const { out } = captured();
      await run('train', [], { id: 'twice', detach: true }, outside, out);
      await expect(run('train', [], { id: 'twice' }, outside, out)).rejects.toThrow(
        /twice is running already/,
      );
      finish?.();
      await server.client.workflow.getHandle('twice').result();
    });
  });
});

describe('changes asked of a pipeline that runs already', () => {
  it('are said not to be taken into it, unless it was started with them', async () => {
    const waiting: (() => void)[] = [];
    const fake = fakeActivities();
    const resolvePipeline: typeof fake.resolvePipeline = async (input) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return fake.resolvePipeline(input);
    };
    const client = await connect(readSettings(outside.environment, outside.folder));
    const said = async (overrides: readonly string[], model: string): Promise<string> => {
      const settings = readSettings({ ...outside.environment, DROVER_MODEL: model }, outside.folder);
      const input = { overrides: ['sweep.run_cap=2'] };
      const workflowId = `pipeline-${model}`;
      await client.workflow.start('pipeline', { workflowId, taskQueue: 'ml', args: [input] });
      const { out, text } = captured();
      const wish = { settings, overrides, typed: overrides, ownPictures: false };
      const made = makeChampion(client, wish, out, new AbortController().signal);
      while (!text().includes('Going on with') || waiting.length === 0) await sleep(20);
      waiting.pop()?.();
      await made;
      return text();
    };
    await withPolledWorkers(server, { ...fake, resolvePipeline }, async () => {
      expect(await said(['sweep.run_cap=4'], 'other')).toMatch(
        /pipeline-other runs already .*sweep\.run_cap=4 is not taken .*: npx drover run pipeline sweep\.run_cap=4\n/,
      );
      expect(await said(['sweep.run_cap=2'], 'same')).not.toContain('is not taken');
    });
    await client.connection.close();
  });
});

describe('a sweep that runs', () => {
  it('refuses what it does not take in its own words, and one of several is to be named', async () => {
    let finish: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const fake = fakeActivities();
    const trainRun: typeof fake.trainRun = async (input) => {
      await finished;
      return fake.trainRun(input);
    };
    await withPolledWorkers(server, { ...fake, trainRun }, async () => {
      const { out } = captured();
      const flags = { id: 'steered' };
      await run('sweep', [], { ...flags, detach: true }, outside, out);
      await expect(steer(wishes.kill('99'), { flags, outside, out })).rejects.toMatchObject({
        type: 'sweep-refused',
        message: 'There is no trial 99 yet.',
      });
      await run('sweep', [], { id: 'steered-too', detach: true }, outside, out);
      await expect(steer(wishes.pause(), { flags: {}, outside, out })).rejects.toMatchObject({
        type: 'request-invalid',
        message: expect.stringMatching(/^Several sweeps run: .*steered.* Name one with --id\.$/),
      });
      finish?.();
      for (const id of ['steered', 'steered-too']) await server.client.workflow.getHandle(id).result();
    });
  });
});

describe('a workflow that nobody polls for', () => {
  it('is said to wait', async () => {
    const id = 'waits-for-ever';
    const handle = await server.client.workflow.start('pipeline', { workflowId: id, taskQueue: 'mll' });
    const { out, text } = captured();
    await status({}, outside, out);
    expect(text()).toMatch(/^waits-for-ever +running .*\n {4}waits: nobody polls mll$/m);
    const flags = { id };
    const watched = watchSweep({ flags, outside, out }, new AbortController().signal);
    await expect(watched).rejects.toThrow('waits-for-ever is a workflow of type pipeline, no sweep.');
    await handle.terminate();
  });
});

describe('progress', () => {
  it('is read from the heartbeats of a running activity', async () => {
    const fake = fakeActivities();
    let finish: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const trainRun: typeof fake.trainRun = async (input) => {
      Context.current().heartbeat({ done: 30, total: 120, unit: 'steps', note: 'epoch 2', checkpoint: 'x' });
      await finished;
      return fake.trainRun(input);
    };
    await withPolledWorkers(server, { ...fake, trainRun }, async () => {
      await run('train', [], { id: 'beating', detach: true }, outside, captured().out);
      const reader = new ProgressReader(server.client, 'beating', 'train');
      let view = emptyView('beating');
      while (!view.activities[0]?.amount) view = await reader.read(view, Date.now());
      expect(view.activities[0]).toMatchObject({
        name: 'trainRun',
        note: 'epoch 2',
        amount: { done: 30, total: 120, unit: 'steps' },
      });
      finish?.();
      await server.client.workflow.getHandle('beating').result();
    });
  });

  it('names what fails and is tried again, with its message, until it succeeds', async () => {
    const fake = fakeActivities();
    let healthy = false;
    const trainRun: typeof fake.trainRun = async (input) => {
      if (!healthy)
        throw new Failure('trainer-died', 'Run 1: the trainer was ended by SIGKILL.\nIts last words');
      return fake.trainRun(input);
    };
    await withPolledWorkers(server, { ...fake, trainRun }, async () => {
      for (const type of ['train', 'pipeline'] as const) {
        healthy = false;
        await run(type, [], { id: `failing-${type}`, detach: true }, outside, captured().out);
        const reader = new ProgressReader(server.client, `failing-${type}`, type);
        let view = emptyView('');
        while (view.trouble?.includes('trainRun') !== true) view = await reader.read(view, Date.now());
        expect(view.trouble).toMatch(/tried again \(attempt \d+\): .*ended by SIGKILL\.$/);
        healthy = true;
        await server.client.workflow.getHandle(`failing-${type}`).result();
        expect(await reader.read(view, Date.now())).not.toHaveProperty('trouble');
      }
    });
  });

  it('keeps what was known, with a word about it, while nothing answers', async () => {
    const before = { ...emptyView('gone'), stages: [{ stage: 'ingest', state: 'done' }] as const };
    const reader = new ProgressReader(server.client, 'gone', 'pipeline');
    expect(await reader.read(before, 0)).toEqual(before);
    const view = await reader.read(before, 10_000);
    expect(view).toMatchObject({ stages: before.stages, trouble: expect.stringContaining('goes on') });
  });
});

describe('the development server', () => {
  it('is told to remember closed workflows for a month', async () => {
    const client = await connect(readSettings(outside.environment, outside.folder));
    await raiseRetention(client, 30);
    const { config } = await client.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    await client.connection.close();
  });
});
