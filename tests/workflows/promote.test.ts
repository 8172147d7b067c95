import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import type { PromoteResult } from '../../contracts/results';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import { promote, rollback, train } from '../../workflows';
import type { PromotionPlan } from '../../activities/promotion';
import { asking } from '../support/asking-promotion';
import { fakeActivities, wholeRun } from '../support/fake-activities';
import { timeSkippingServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await timeSkippingServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

/** Runs `promote` of version 2 to its end. */
const start = (workflowId: string): Promise<PromoteResult> =>
  server.client.workflow.execute(promote, {
    workflowId,
    taskQueue: queues.ml,
    args: [{ model: 'animals', version: 2 }],
  });

async function mustNotMove(): Promise<never> {
  throw ApplicationFailure.nonRetryable('must not be called');
}

describe('promote', () => {
  it('judges anew where the champion changed while the two were compared', async () => {
    // Asked at the start, then before each judgement.
    const champions = [1, 1, 3];
    const judged: (number | undefined)[] = [];
    const fake = fakeActivities();
    const activities = fakeActivities({
      champion: async () => champions.shift(),
      judgeVersion: async (input) => {
        judged.push(input.champion?.version);
        if (input.champion?.version === 1)
          throw new Failure('alias-moved', 'The champion of animals changed.');
        return fake.judgeVersion(input);
      },
    });
    await withWorkers(server, activities, async () => {
      const result = await start('promote-race');
      expect(result).toMatchObject({ promoted: true, champion: 2, state: 'promoted', uses: 1 });
    });
    expect(judged).toEqual([1, 3]);
  });

  it('judges anew where the champion changed between the judgement and the move', async () => {
    const champions = [1, 1, 3];
    const moves: unknown[] = [];
    const fake = fakeActivities();
    const activities = fakeActivities({
      champion: async () => champions.shift(),
      judgeVersion: async (input) => ({
        ...(await fake.judgeVersion(input)),
        expected: `generation of ${input.champion?.version}`,
      }),
      movePromoted: async ({ expected }) => {
        moves.push(expected);
        if (moves.length === 1) throw new Failure('alias-moved', 'The champion of animals changed.');
      },
    });
    await withWorkers(server, activities, async () => {
      expect(await start('promote-late-race')).toMatchObject({ promoted: true });
    });
    expect(moves).toEqual(['generation of 1', 'generation of 3']);
  });

  it('passes any other failure of the judgement on', async () => {
    const activities = fakeActivities({
      judgeVersion: async () => {
        throw new Failure('not-found', 'The model animals has no version 2.');
      },
    });
    await withWorkers(server, activities, async () => {
      const failed = await start('promote-none').catch((error: unknown) => error);
      expect(failed).toMatchObject({ cause: { cause: { type: 'not-found' } } });
    });
  });

  it('moves nothing and keeps the reason where a gate refuses', async () => {
    const fake = fakeActivities();
    const kept: PromotionRecord[] = [];
    const activities = fakeActivities({
      champion: async () => 1,
      judgeVersion: async (input) => ({
        ...(await fake.judgeVersion(input)),
        verdict: 'fail',
        reason: 'too slow',
      }),
      movePromoted: mustNotMove,
      keepPromotion: async (record) => void kept.push(record),
    });
    await withWorkers(server, activities, async () => {
      expect(await start('promote-refused')).toMatchObject({
        promoted: false,
        champion: 1,
        state: 'refused',
        reason: 'too slow',
      });
    });
    expect(kept).toMatchObject([{ state: 'refused', champion: 1, reason: 'too slow', version: 2 }]);
  });

  it('judges and moves nothing in a dry run', async () => {
    const kept: PromotionRecord[] = [];
    const plan = await fakeActivities().planPromotion({});
    const activities = fakeActivities({
      planPromotion: async () => ({ ...plan, dryRun: true }),
      movePromoted: mustNotMove,
      keepPromotion: async (record) => void kept.push(record),
    });
    await withWorkers(server, activities, async () => {
      expect(await start('promote-dry')).toMatchObject({
        promoted: false,
        state: 'judged',
        reason: expect.stringContaining('would be promoted'),
      });
    });
    expect(kept).toMatchObject([{ state: 'judged', dryRun: true }]);
  });
});

describe('promote without a person', () => {
  it('promotes nothing where nobody has decided by the deadline, after reminding', async () => {
    const { activities, moves, kept } = await asking();
    await withWorkers(server, activities, async () => {
      // The usual three days, on a clock that skips them.
      const result = await start('promote-expired');
      expect(result).toMatchObject({ promoted: false, state: 'expired', reason: 'nobody decided within 3d' });
    });
    expect(moves).toEqual([]);
    expect(kept.at(-1)?.approval).toMatchObject({ reminders: 2 });
    expect(kept.at(-1)?.approval?.answer).toBeUndefined();
  });
});

describe('promote with sealed pictures', () => {
  const manifest = { uri: 'store://datasets/sealed/manifest.jsonl', sha256: '5'.repeat(64) };

  /** What was judged, by whether on the sealed pictures, with these verdicts. */
  async function sealed(
    verdicts: { readonly gates: 'pass' | 'fail'; readonly audit: 'pass' | 'fail' | 'ask' },
    changes: Partial<PromotionPlan> = {},
  ) {
    const fake = fakeActivities();
    const looked: string[] = [];
    const kept: PromotionRecord[] = [];
    const moved: number[] = [];
    const plan = await fake.planPromotion({});
    const activities = fakeActivities({
      planPromotion: async () => ({ ...plan, audit: { dataset: 'sealed', manifest }, ...changes }),
      planEvaluation: async (input) => {
        const planned = await fake.planEvaluation(input);
        const asked = JSON.stringify(input).includes(manifest.uri) ? { dataset: 'sealed', manifest } : {};
        return { ...planned, ...asked };
      },
      judgeVersion: async (input) => {
        looked.push(input.audit === true ? 'sealed' : 'test');
        const judgement = await fake.judgeVersion(input);
        if (input.audit !== true) return { ...judgement, verdict: verdicts.gates, reason: 'gates' };
        const gateSet = { ...judgement.gateSet, manifest };
        return { ...judgement, verdict: verdicts.audit, reason: 'seen', gateSet };
      },
      movePromoted: async ({ version }) => void moved.push(version),
      keepPromotion: async (record) => void kept.push(record),
    });
    return { activities, looked, kept, moved };
  }

  it('looks at them after all other gates have passed, and keeps what they said', async () => {
    const { activities, looked, kept, moved } = await sealed({ gates: 'pass', audit: 'pass' });
    await withWorkers(server, activities, async () => {
      expect(await start('audit-passes')).toMatchObject({ promoted: true, reason: 'gates; audit: seen' });
    });
    expect(looked).toEqual(['test', 'sealed']);
    expect(moved).toEqual([2]);
    expect(kept).toMatchObject([
      { audit: { manifest }, gates: [{ gate: 'accuracy ≥ 0.5' }, { gate: 'audit: accuracy ≥ 0.5' }] },
    ]);
  });

  it('moves nothing where they refuse', async () => {
    const { activities, moved } = await sealed({ gates: 'pass', audit: 'fail' });
    await withWorkers(server, activities, async () => {
      expect(await start('audit-refuses')).toMatchObject({ promoted: false, reason: 'audit: seen' });
    });
    expect(moved).toEqual([]);
  });

  it.each([
    ['where another gate has refused', 'fail' as const, {}],
    ['in a dry run', 'pass' as const, { dryRun: true }],
  ])('does not look at them %s', async (what, gates, changes) => {
    const { activities, looked } = await sealed({ gates, audit: 'pass' }, changes);
    await withWorkers(server, activities, async () => {
      expect(await start(`audit-unseen ${what}`)).toMatchObject({ promoted: false });
    });
    expect(looked).toEqual(['test']);
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
      judgeVersion: async (input) => {
        judged = input.champion;
        return fake.judgeVersion(input);
      },
    });
    await withWorkers(server, activities, async () => {
      expect((await start('promote-classes')).promoted).toBe(true);
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
