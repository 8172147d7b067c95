import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createEvaluationActivities } from '../../activities/evaluation';
import { createPromotionActivities } from '../../activities/promotion';
import { decide } from '../../cli/commands/decide';
import { promoteVersion } from '../../cli/commands/promote';
import { rollbackModel } from '../../cli/commands/rollback';
import { Console } from '../../cli/display/console';
import { plainColours } from '../../cli/display/format';
import { type Outside, settingsOf } from '../../cli/settings';
import type { EvaluationRef } from '../../contracts/refs';
import { createRegistry, type Registry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { fakeActivities } from '../support/fake-activities';
import { withPolledWorkers } from '../support/polled-workers';
import { versionsIn } from '../support/registered-versions';
import { localServer } from '../support/temporal';

let server: TestWorkflowEnvironment;
let folder: string;
let outside: Outside;
let registry: Registry;
let activities: ReturnType<typeof fakeActivities>;

/** The registry, the gates and the workflows are real; the pictures are not looked at again. */
beforeAll(async () => {
  server = await localServer();
  folder = await mkdtemp(join(tmpdir(), 'drover-'));
  outside = { environment: { TEMPORAL_ADDRESS: server.address }, folder, program: '' };
  const store = openStore(settingsOf({}, outside).store, { gcsEndpoint: undefined });
  registry = createRegistry(store);
  const evaluations = await versionsIn(store, 'animals', 3);
  const byModel = new Map<string, EvaluationRef>();
  for (const version of await registry.list('animals')) {
    byModel.set(version.model.onnx.sha256, version.evaluation);
  }
  expect(byModel.size).toBe(evaluations.length);
  const defaults = join(__dirname, '../../configs');
  const fake = fakeActivities();
  const { planEvaluation } = createEvaluationActivities({ store, registry });
  activities = {
    ...fake,
    ...createPromotionActivities({ store, registry, project: folder, defaults }),
    planEvaluation,
    evaluateModel: async (input) => {
      const evaluation = byModel.get(input.model.onnx.sha256);
      if (evaluation === undefined) throw new Error('no such model');
      return { ...(await fake.evaluateModel(input)), evaluation };
    },
  };
  await mkdir(join(folder, 'configs'));
}, 60_000);

afterAll(async () => {
  process.exitCode = undefined;
  await server.teardown();
  await rm(folder, { recursive: true, force: true });
});

async function gates(lines: string): Promise<void> {
  const text = `defaults: [sweep]\nname: animals\npromote:\n${lines}`;
  await writeFile(join(folder, 'configs', 'pipeline.yaml'), text);
}

function captured(): { out: Console; text: () => string } {
  let written = '';
  const out = new Console({ write: (text) => (written += text) }, plainColours, false);
  return { out, text: () => written };
}

const champion = async (): Promise<number | undefined> =>
  (await registry.alias('animals', 'champion'))?.alias.version;

describe('promoting by the command line', () => {
  it("judges by the project's gates, and moves nothing in a dry run", async () => {
    await gates('  gates:\n    - { metric: accuracy, min: 0.5 }\n');
    await withPolledWorkers(server, activities, async () => {
      const { out, text } = captured();
      await promoteVersion('animals@1', { dryRun: true, by: 'Ada' }, outside, out);
      expect(text()).toContain('animals version 1 was judged, and nothing moved');
      expect(text()).toMatch(/accuracy ≥ 0\.5 +0\.51 +0\.5 +pass/);
    });
    expect(await champion()).toBeUndefined();
  });

  it('makes a version the champion, and a better one after it', async () => {
    await withPolledWorkers(server, activities, async () => {
      const { out, text } = captured();
      await promoteVersion('animals@1', { by: 'Ada' }, outside, out);
      await promoteVersion('animals@2', { by: 'Ada' }, outside, out);
      expect(text()).toContain('animals version 2 is the champion');
    });
    expect(await champion()).toBe(2);
  });

  it('ends with 1 where a gate refuses, and says which', async () => {
    await gates('  gates:\n    - { metric: bytes, max: 1000 }\n');
    await withPolledWorkers(server, activities, async () => {
      const { out, text } = captured();
      await promoteVersion('animals', { by: 'Ada' }, outside, out);
      expect(text()).toContain('animals version 3 was not promoted');
      expect(text()).toContain('bytes ≤ 1000: bytes is 410000, above 1000');
    });
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
    expect(await champion()).toBe(2);
  });

  it('says how to decide where a person is waited for, and moves when one has approved', async () => {
    await gates('  approval: { required: true }\n');
    await withPolledWorkers(server, activities, async () => {
      const { out, text } = captured();
      await promoteVersion('animals@3', { by: 'Ada' }, outside, out);
      expect(text()).toContain('npx drover approve promote-animals-v3 --by NAME --reason WHY');
      expect(await champion()).toBe(2);
      await promoteVersion('animals@3', { by: 'Ada' }, outside, out);
      expect(text()).toContain('A promotion of animals version 3 is under way already');
      await expect(
        decide('approve', 'animals@1', { by: 'Grace', reason: 'fine' }, outside, out),
      ).rejects.toThrow(/these do: animals@3 \(promote-animals-v3\)/);
      await expect(decide('approve', undefined, { by: '', reason: 'fine' }, outside, out)).rejects.toThrow(
        /by is missing or empty/,
      );
      await decide('approve', 'animals@3', { by: 'Grace', reason: 'fine' }, outside, out);
      await server.client.workflow.getHandle('promote-animals-v3').result();
      await expect(
        decide('reject', 'animals@3', { by: 'Grace', reason: 'late' }, outside, out),
      ).rejects.toThrow(/No promotion waits for a person/);
    });
    const found = await registry.alias('animals', 'champion');
    expect(found?.alias.history.at(-1)).toMatchObject({ version: 3, by: 'Ada, approved by Grace' });
  });

  it('goes back, to the one before or to one that is named', async () => {
    await withPolledWorkers(server, activities, async () => {
      const { out, text } = captured();
      await rollbackModel('animals', { reason: 'complaints', by: 'Ada' }, outside, out);
      expect(text()).toContain('The champion of animals is version 2, and not version 3 any more.');
      await rollbackModel('animals', { reason: 'more of them', by: 'Ada', to: '1' }, outside, out);
      await expect(rollbackModel('animals', { reason: 'x', to: '9' }, outside, out)).rejects.toThrow(
        /no version 9/,
      );
    });
    expect(await champion()).toBe(1);
  });

  it('refuses gates that are wrong by their line, and judges nothing', async () => {
    await gates('  gates:\n    - { metric: acuracy, min: 0.5 }\n');
    await withPolledWorkers(server, activities, async () => {
      await expect(promoteVersion('animals@2', { by: 'Ada' }, outside, captured().out)).rejects.toMatchObject(
        {
          type: 'configuration-invalid',
          message: expect.stringContaining(
            'configs/pipeline.yaml:5:17 promote.gates.0.metric: not one of the choices; did you mean "accuracy"?',
          ),
        },
      );
    });
    expect(await champion()).toBe(1);
  });
});
