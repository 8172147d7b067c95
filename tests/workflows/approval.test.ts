import { once } from 'node:events';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PromotionMove } from '../../activities/promotion';
import { Failure } from '../../contracts/failures';
import type { PromotionView } from '../../contracts/messages';
import { queues } from '../../contracts/names';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import { pipeline, promote } from '../../workflows';
import { asking, gateSet, undecided, untilWaiting } from '../support/asking-promotion';
import { localServer, withWorkers } from '../support/temporal';

let server: TestWorkflowEnvironment;

beforeAll(async () => {
  server = await localServer();
}, 60_000);

afterAll(async () => {
  await server.teardown();
});

const begin = (workflowId: string) =>
  server.client.workflow.start(promote, {
    workflowId,
    taskQueue: queues.ml,
    args: [{ model: 'animals', version: 2 }],
  });

describe('promote with a person', () => {
  it('moves the champion once somebody approves, and keeps who and why', async () => {
    const { activities, moves, kept } = await asking();
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-approved');
      await untilWaiting(handle);
      expect(moves).toEqual([]);
      await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'looks right' }] });
      expect(await handle.result()).toMatchObject({ promoted: true, state: 'promoted' });
    });
    expect(moves).toMatchObject([
      { by: 'pipeline-animals, approved by Ada', reason: 'looks right (all passed)', version: 2 },
    ]);
    expect(kept.map(({ state }) => state)).toEqual(['waiting', 'promoted']);
    expect(kept[1]?.approval?.answer).toMatchObject({ approved: true, by: 'Ada', reason: 'looks right' });
  });

  it('changes nothing where somebody rejects, and keeps the reason', async () => {
    const { activities, moves, kept } = await asking({ champion: async () => 1 });
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-rejected');
      await untilWaiting(handle);
      await handle.executeUpdate('reject', { args: [{ by: 'Ada', reason: 'takes wolves for dogs' }] });
      expect(await handle.result()).toMatchObject({
        promoted: false,
        champion: 1,
        state: 'rejected',
        reason: 'rejected by Ada: takes wolves for dogs',
      });
    });
    expect(moves).toEqual([]);
    expect(kept.at(-1)).toMatchObject({
      state: 'rejected',
      approval: { answer: { approved: false, by: 'Ada' } },
    });
  });

  it.each([
    ['no name', { by: ' ', reason: 'fine' }, /by is missing or empty/],
    ['control characters for a name', { by: '\u001b\u0007', reason: 'fine' }, /by is missing or empty/],
    ['no reason', { by: 'Ada', reason: '' }, /reason is missing or empty/],
    ['a number for a name', { by: 7, reason: 'fine' }, /by is missing or empty/],
    ['nothing', undefined, /by is missing or empty/],
    ['a very long reason', { by: 'Ada', reason: 'x'.repeat(3000) }, /reason is longer than 2000/],
  ])('refuses an approval with %s, and goes on waiting', async (what, decision, words) => {
    const { activities } = await asking();
    await withWorkers(server, activities, async () => {
      const handle = await begin(`promote-refuses ${what}`);
      await untilWaiting(handle);
      const refused = await handle
        .executeUpdate<unknown, [unknown]>('approve', { args: [decision] })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ cause: { message: expect.stringMatching(words) } });
      expect(await handle.query<PromotionView>('promotion')).toMatchObject({ state: 'waiting' });
      await handle.terminate();
    });
  });

  it('refuses a decision while it does not wait', async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { activities } = await asking({
      judgeVersion: async () => {
        await held;
        return { verdict: 'pass', gates: [], reason: 'all passed', gateSet };
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-early');
      const refused = await handle
        .executeUpdate('approve', { args: [{ by: 'Ada', reason: 'surely' }] })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ cause: { message: 'This promotion does not wait for anybody.' } });
      go();
      await handle.result();
    });
  });

  it('judges again before the move where the champion moved while it waited, and refuses what fails then', async () => {
    let standing = 1;
    const { activities, kept } = await asking({
      champion: async () => standing,
      judgeVersion: async ({ champion }) => ({
        verdict: champion?.version === 1 ? 'ask' : 'fail',
        gates: [undecided('recall')],
        reason: `judged against ${champion?.version}`,
        gateSet,
      }),
      movePromoted: async () => {
        throw new Failure('alias-moved', 'The champion of animals changed.');
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-overtaken');
      await untilWaiting(handle);
      standing = 5;
      await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'fine' }] });
      expect(await handle.result()).toMatchObject({
        promoted: false,
        champion: 5,
        reason: 'judged against 5',
      });
    });
    expect(kept.at(-1)).toMatchObject({ state: 'refused', champion: 5, approval: { answer: { by: 'Ada' } } });
  });

  it.each([
    ['holds to the approval where no more is undecided than was agreed to', ['recall'], 'promoted'],
    ['asks again where another gate is undecided against the new champion', ['recall', 'loss'], 'rejected'],
  ])('%s', async (what, open, state) => {
    let standing = 1;
    const { activities } = await asking({
      champion: async () => standing,
      judgeVersion: async ({ champion }) => ({
        verdict: 'ask',
        gates: (champion?.version === 1 ? ['recall'] : open).map(undecided),
        reason: 'open',
        gateSet,
        expected: String(champion?.version),
      }),
      movePromoted: async ({ expected }) => {
        if (expected === '1') throw new Failure('alias-moved', 'The champion of animals changed.');
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await begin(`promote-again ${what.slice(0, 5)}`);
      await untilWaiting(handle);
      standing = 5;
      await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'fine' }] });
      if (state === 'rejected') {
        await untilWaiting(handle, 5);
        await handle.executeUpdate('reject', { args: [{ by: 'Ada', reason: 'not against this one' }] });
      }
      expect(await handle.result()).toMatchObject({ state });
    });
  });

  it('ends its record where somebody else has made the version champion while it waited', async () => {
    let standing = 1;
    const { activities, kept } = await asking({
      champion: async () => standing,
      movePromoted: async () => {
        throw new Failure('alias-moved', 'The champion of animals changed.');
      },
    });
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-made-champion');
      await untilWaiting(handle);
      standing = 2;
      await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'fine' }] });
      expect(await handle.result()).toMatchObject({ promoted: true, champion: 2 });
      expect(await handle.query<PromotionView>('promotion')).toMatchObject({ state: 'promoted' });
    });
    expect(kept.at(-1)).toMatchObject({
      state: 'promoted',
      reason: 'version 2 is the champion already',
      endedAt: expect.any(String),
      approval: { answer: { by: 'Ada' } },
    });
  });

  it('leaves a record that says so where it is cancelled while it waits', async () => {
    const { activities, kept } = await asking();
    await withWorkers(server, activities, async () => {
      const handle = await begin('promote-cancelled');
      await untilWaiting(handle);
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
    expect(kept.at(-1)).toMatchObject({ state: 'cancelled' });
  });

  it.each(['the champion moves', 'its last record is written'])(
    'is promoted, in its record too, where it is cancelled while %s',
    async (what) => {
      const at = what === 'the champion moves' ? 'move' : 'record';
      const [reached, cancelled] = [new AbortController(), new AbortController()];
      const until = ({ signal }: AbortController) => once(signal, 'abort');
      const holding = async (here: boolean): Promise<void> => {
        if (!here) return;
        const released = until(cancelled);
        reached.abort();
        await released;
      };
      const written: PromotionRecord[] = [];
      const { activities, moves } = await asking({
        keepPromotion: async (record) => {
          await holding(at === 'record' && record.state === 'promoted');
          written.push(record);
        },
      });
      const { movePromoted } = activities;
      const held = {
        ...activities,
        movePromoted: async (move: PromotionMove) => {
          await holding(at === 'move');
          await movePromoted(move);
        },
      };
      await withWorkers(server, held, async () => {
        const handle = await begin(`promote-cancelled-late-${at}`);
        await untilWaiting(handle);
        const isReached = until(reached);
        await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'fine' }] });
        await isReached;
        await handle.cancel();
        // Long enough that the workflow has heard of it.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        cancelled.abort();
        expect(await handle.result()).toMatchObject({ promoted: true, state: 'promoted' });
      });
      expect(moves).toHaveLength(1);
      expect(written.at(-1)).toMatchObject({ state: 'promoted' });
    },
  );

  it('lets its pipeline end with the word that a person is waited for, and goes on', async () => {
    const { activities, moves } = await asking({ champion: async () => 1 });
    await withWorkers(server, activities, async () => {
      const result = await server.client.workflow.execute(pipeline, {
        workflowId: 'pipeline-asks',
        taskQueue: queues.ml,
        args: [],
      });
      expect(result).toMatchObject({
        promoted: false,
        champion: 1,
        reason: expect.stringMatching(/^waits for a person until 20.*: all passed$/),
        approval: { workflow: 'promote-animals-v2', deadline: expect.any(String) },
      });
      // Again while it waits: there is one promotion of a version.
      const again = await server.client.workflow.execute(pipeline, {
        workflowId: 'pipeline-asks',
        taskQueue: queues.ml,
        args: [],
      });
      expect(again).toMatchObject({ promoted: false, reason: expect.stringContaining('under way already') });
      const handle = server.client.workflow.getHandle('promote-animals-v2');
      await handle.executeUpdate('approve', { args: [{ by: 'Ada', reason: 'fine' }] });
      expect(await handle.result()).toMatchObject({ promoted: true });
    });
    expect(moves).toHaveLength(1);
  });
});
