import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import { promote, rollback, train } from '../../workflows';
import { fakeActivities, wholeRun } from '../support/fake-activities';
import { timeSkippingServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await timeSkippingServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

describe('promote', () => {
  it('judges anew where the champion changed while the two were compared', async () => {
    const champions = [1, 3];
    const judged: (number | undefined)[] = [];
    const activities = fakeActivities({
      champion: async () => champions.shift(),
      judgeAndPromote: async ({ version, champion }) => {
        judged.push(champion?.version);
        if (champion?.version === 1) throw new Failure('alias-moved', 'The champion of animals changed.');
        return { promoted: true, champion: version, reason: 'better' };
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(promote, {
        workflowId: 'promote-race',
        taskQueue: queues.ml,
        args: [{ model: 'animals', version: 2 }],
      });
      expect(result).toEqual({ promoted: true, champion: 2, reason: 'better' });
    });
    expect(judged).toEqual([1, 3]);
  });

  it('passes any other failure of the judgement on', async () => {
    const activities = fakeActivities({
      judgeAndPromote: async () => {
        throw new Failure('not-found', 'The model animals has no version 2.');
      },
    });
    await withWorkers(server, activities, async () => {
      const failed = await server.client.workflow
        .execute(promote, {
          workflowId: 'promote-none',
          taskQueue: queues.ml,
          args: [{ model: 'animals', version: 2 }],
        })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ cause: { cause: { type: 'not-found' } } });
    });
  });
});

describe('promote beside a champion of other classes', () => {
  it('takes its lack of figures for a reason, not for a failure', async () => {
    const fake = fakeActivities();
    let judged: unknown;
    const activities = fakeActivities({
      champion: async () => 1,
      evaluateModel: async (input) => {
        // The candidate is asked first, then the champion.
        if (judged === undefined) {
          judged = 'candidate';
          return fake.evaluateModel(input);
        }
        throw new Failure('dataset-invalid', 'only the set has "zebra"');
      },
      judgeAndPromote: async (input) => {
        judged = input.champion;
        return { promoted: true, champion: 2, reason: 'the champion knows no zebra' };
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(promote, {
        workflowId: 'promote-classes',
        taskQueue: queues.ml,
        args: [{ model: 'animals', version: 2 }],
      });
      expect(result.promoted).toBe(true);
    });
    expect(judged).toEqual({ version: 1, incomparable: expect.stringContaining('only the set has "zebra"') });
  });
});

describe('any other workflow type', () => {
  it('fails at once, with the type that was probably meant', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      const failed = await server.client.workflow
        .execute('swep', { workflowId: 'unknown', taskQueue: queues.ml })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({
        cause: {
          type: 'start-refused',
          message: expect.stringContaining('no workflow type swep; did you mean sweep?'),
        },
      });
    });
  });
});

describe('an activity with a defect', () => {
  it('is tried five times and not for ever', async () => {
    let attempts = 0;
    const activities = fakeActivities({
      planRollback: async () => {
        attempts += 1;
        throw new TypeError('undefined is not a function');
      },
    });
    await withWorkers(server, activities, async () => {
      const failed = await server.client.workflow
        .execute(rollback, { workflowId: 'defect', taskQueue: queues.ml, args: [{ model: 'animals' }] })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ cause: { cause: { type: 'defect' } } });
    });
    expect(attempts).toBe(5);
  });
});

describe('rollback', () => {
  it('says which version is champion afterwards', async () => {
    await withWorkers(server, fakeActivities(), async () => {
      const result = await server.client.workflow.execute(rollback, {
        workflowId: 'rollback',
        taskQueue: queues.ml,
        args: [{ model: 'animals' }],
      });
      expect(result).toMatchObject({ champion: 1 });
    });
  });
});

describe('train', () => {
  it('outlasts a trainer that dies a dozen times, on a clock that skips the waiting', async () => {
    const fake = fakeActivities();
    let attempts = 0;
    const activities = fakeActivities({
      trainRun: async (input) => {
        attempts += 1;
        if (attempts <= 12) throw new Failure('trainer-died', 'The trainer was killed.');
        return fake.trainRun(input);
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(train, {
        workflowId: 'train-stubborn',
        taskQueue: queues.ml,
        args: [{ config: { lr: 0.25 } }],
      });
      expect(result).toMatchObject({ run: 'run-0.25' });
    });
    expect(attempts).toBe(13);
  });

  it('does not train what was trained before', async () => {
    const fake = fakeActivities();
    const activities = fakeActivities({
      recallRun: async (input) => wholeRun(await fake.trainRun(input)),
      trainRun: async () => {
        throw ApplicationFailure.nonRetryable('must not be called');
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(train, {
        workflowId: 'train-kept',
        taskQueue: queues.ml,
        args: [],
      });
      expect(result).toMatchObject({ run: 'run-0.001' });
    });
  });
});
