import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Activities } from '../../activities';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import type { PipelineProgress } from '../../contracts/progress';
import type { IngestResult } from '../../contracts/results';
import { pipeline } from '../../workflows';
import { fakeActivities, wholeRun } from '../support/fake-activities';
import { localServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const start = (workflowId: string) =>
  server.client.workflow.start(pipeline, { workflowId, taskQueue: queues.ml, args: [] });

const states = (progress: PipelineProgress) => progress.stages.map(({ stage, state }) => `${stage} ${state}`);

describe('pipeline', () => {
  it('goes from source to champion, and says of every stage what came of it', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      const handle = await start('pipeline-whole');
      expect(await handle.result()).toEqual({
        model: 'animals',
        manifest: { uri: 'store://manifest', sha256: '0'.repeat(64) },
        rejected: 0,
        version: 2,
        accuracy: 0.8,
        interval: [0.7, 0.9],
        baseline: 0.5,
        pictures: 5,
        promoted: true,
        champion: 2,
        reason: 'first of its name',
      });
      const progress = await handle.query<PipelineProgress>('progress');
      expect(states(progress)).toEqual([
        'ingest done',
        'preprocess done',
        'sweep done',
        'evaluate done',
        'register done',
        'promote done',
      ]);
      expect(progress.stages[0]?.note).toBe('30 pictures: 20 train, 5 validation, 5 test');
    });
  });

  it('gives the copying of a model’s files to the registry as long as it goes on', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      const handle = await start('pipeline-registers');
      await handle.result();
      const { events } = await handle.fetchHistory();
      const registering = events
        ?.map((event) => event.activityTaskScheduledEventAttributes)
        .find((scheduled) => scheduled?.activityType?.name === 'registerRun');
      expect(Number(registering?.startToCloseTimeout?.seconds)).toBeGreaterThanOrEqual(3600);
      expect(Number(registering?.heartbeatTimeout?.seconds)).toBe(15);
    });
  });

  it('makes the forms that are asked for, and judges and registers the chosen one', async () => {
    const fake = fakeActivities();
    const told: unknown[] = [];
    const activities = fakeActivities({
      resolvePipeline: async (input) => {
        const resolved = await fake.resolvePipeline(input);
        const rules = { ...resolved.config.export, forms: ['int8' as const] };
        return { ...resolved, config: { ...resolved.config, export: rules } };
      },
      planEvaluation: async (input) => {
        told.push(input);
        return fake.planEvaluation(input);
      },
      registerRun: async (input) => {
        told.push(input);
        return fake.registerRun(input);
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await start('pipeline-forms');
      await handle.result();
      const progress = await handle.query<PipelineProgress>('progress');
      expect(states(progress).slice(2, 5)).toEqual(['sweep done', 'forms done', 'evaluate done']);
      expect(progress.stages[3]?.note).toBe('int8: because');
      const forms = { uri: 'store://forms', sha256: '0'.repeat(64) };
      // What follows is the promotion, of what is registered by then.
      expect(told.slice(0, 2)).toEqual(Array(2).fill(expect.objectContaining({ forms })));
    });
  });

  it('does no stage twice whose result is kept', async () => {
    const fake = fakeActivities();
    const refuse = async (): Promise<never> => {
      throw new Failure('dataset-invalid', 'This was computed before and must not be again.');
    };
    const activities = fakeActivities({
      planIngest: async (input) => ({
        ...(await fake.planIngest(input)),
        kept: await fake.finishIngest({} as never),
      }),
      collectSource: refuse,
      planPreprocess: async (input) => ({
        ...(await fake.planPreprocess(input)),
        kept: await fake.finishPreprocess({} as never),
      }),
      prepareChunk: refuse,
      recallRun: async (input) => wholeRun(await fake.trainRun(input)),
      trainRun: refuse,
    });
    await withWorkers(server, activities, async () => {
      const handle = await start('pipeline-kept');
      expect(await handle.result()).toMatchObject({ promoted: true });
      expect(states(await handle.query<PipelineProgress>('progress')).slice(0, 2)).toEqual([
        'ingest kept',
        'preprocess kept',
      ]);
    });
  });

  it('shares one computation between two pipelines that need the same stage at once', async () => {
    const activities = memoisedIngest();
    await withWorkers(server, activities, async () => {
      const [first, second] = await Promise.all([start('pipeline-twin-1'), start('pipeline-twin-2')]);
      await Promise.all([first.result(), second.result()]);
    });
    expect(activities.ingests()).toBe(1);
  });

  it('takes a shared stage over where the pipeline that was computing it is terminated', async () => {
    const activities = memoisedIngest();
    await withWorkers(server, activities, async () => {
      const first = await start('pipeline-leaving');
      await activities.started;
      const second = await start('pipeline-staying');
      await first.terminate('to see what the other does');
      expect(await second.result()).toMatchObject({ promoted: true });
    });
    expect(activities.ingests()).toBe(2);
  });

  it('says at which stage it failed, and why', async () => {
    const activities = fakeActivities({
      collectSource: async () => {
        throw new Failure('dataset-invalid', 'Only one class was found, cat; at least two are needed.');
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await start('pipeline-failing');
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      const { stages } = await handle.query<PipelineProgress>('progress');
      expect(stages[0]).toMatchObject({
        state: 'failed',
        note: expect.stringContaining('Only one class was found'),
      });
      expect(stages[1]?.state).toBe('waiting');
    });
  });
});

/** An ingest that takes a second and keeps its result, as the real one does; counts how often it ran. */
function memoisedIngest(): Activities & { ingests(): number; started: Promise<void> } {
  const fake = fakeActivities();
  const key = Math.random().toString(16).slice(2).padEnd(64, '0');
  let kept: IngestResult | undefined;
  let ingests = 0;
  let begin: () => void = () => undefined;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const activities = fakeActivities({
    planIngest: async (input) => ({ ...(await fake.planIngest(input)), key, ...(kept && { kept }) }),
    finishIngest: async (given) => {
      ingests += 1;
      begin();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      kept = await fake.finishIngest(given);
      return kept;
    },
  });
  return { ...activities, ingests: () => ingests, started };
}
