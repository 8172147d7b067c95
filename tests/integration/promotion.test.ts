import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPromotionActivities, type VersionJudgement } from '../../activities/promotion';
import type { EvaluationRef } from '../../contracts/refs';
import { promotionSchema } from '../../contracts/schemas/promotion';
import { gateUses } from '../../lib/promotion/gate-uses';
import { listPromotions } from '../../lib/promotion/records';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { findBucketEmulator, startBucketEmulator, type BucketEmulator } from '../support/bucket-emulator';
import { manifest, versionsIn } from '../support/registered-versions';

const rules = promotionSchema.parse({ gates: [{ metric: 'parity', max: 1e-4 }] });

function activitiesOf(store: Store) {
  const dependencies = { store, registry: createRegistry(store), project: tmpdir(), defaults: 'configs' };
  return createPromotionActivities(dependencies);
}

const quietly = { logger: new DefaultLogger('ERROR') };

/** Judged as a worker does. */
async function judged(store: Store, model: string, version: number, evaluation: EvaluationRef) {
  const input = { promotion: `p${version}`, model, version, evaluation, rules, by: `person ${version}` };
  const { judgeVersion } = activitiesOf(store);
  return new MockActivityEnvironment({}, quietly).run<[typeof input], VersionJudgement, typeof judgeVersion>(
    judgeVersion,
    input,
  );
}

function suite(open: () => Store): void {
  it('lets one of 32 racing promotions win, and tells the others', async () => {
    const model = 'racing';
    const evaluations = await versionsIn(open(), model, 32);
    const moves = await Promise.all(
      evaluations.map(async (evaluation, index) => {
        // Each as if in a process of its own.
        const store = open();
        const version = index + 1;
        const { verdict, expected, reason } = await judged(store, model, version, evaluation);
        expect(verdict).toBe('pass');
        return { store, promotion: `p${version}`, model, version, expected, reason, by: 'race', evaluation };
      }),
    );
    const raced = await Promise.allSettled(
      moves.map(({ store, ...move }) => activitiesOf(store).movePromoted(move)),
    );
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of raced) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ type: 'alias-moved' });
    }
    const champion = await createRegistry(open()).alias(model, 'champion');
    const winner = raced.findIndex(({ status }) => status === 'fulfilled') + 1;
    expect(champion?.alias).toMatchObject({
      version: winner,
      history: [{ version: winner, promotion: `p${winner}` }],
    });
    // Every look at the test pictures was counted, once each.
    const uses = await gateUses(open(), model, manifest.sha256);
    expect(uses.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      moves.map(({ version }) => version),
    );
  }, 120_000);

  it('moves once however often it is asked, also after others have moved since', async () => {
    const model = 'asked-again';
    const [one, two] = await versionsIn(open(), model, 2);
    if (one === undefined || two === undefined) throw new Error('two versions were registered');
    const { movePromoted } = activitiesOf(open());
    const move = {
      promotion: 'p1',
      model,
      version: 1,
      expected: undefined,
      by: 'Ada',
      reason: 'first',
      evaluation: one,
    };
    await movePromoted(move);
    await movePromoted(move);
    const standing = await createRegistry(open()).alias(model, 'champion');
    await movePromoted({
      ...move,
      promotion: 'p2',
      version: 2,
      expected: standing?.generation,
      evaluation: two,
    });
    // A worker that was killed after its write asks for the first move again.
    await movePromoted(move);
    const champion = await createRegistry(open()).alias(model, 'champion');
    expect(champion?.alias.history.map(({ version }) => version)).toEqual([1, 2]);
  });

  it('comes to the same end wherever between the judgement and the last record it is killed', async () => {
    for (let operation = 0; ; operation += 1) {
      const model = `killed-${operation}`;
      const [evaluation] = await versionsIn(open(), model, 1);
      if (evaluation === undefined) throw new Error('a version was registered');
      const promote = async (store: Store): Promise<void> => {
        const judgement = await judged(store, model, 1, evaluation);
        const { expected, reason, gateSet, gates } = judgement;
        const move = { promotion: 'p1', model, version: 1, expected, reason, by: 'Ada', evaluation };
        const { movePromoted, keepPromotion } = activitiesOf(store);
        await movePromoted(move);
        const at = '2026-01-02T03:04:05.000Z';
        await keepPromotion({
          ...{ id: 'p1', model, version: 1, state: 'promoted', dryRun: false, by: 'Ada', workflow: 'w' },
          ...{ startedAt: at, endedAt: at, champion: null, evaluation, gateSet, gates: [...gates], reason },
        });
      };
      const whole = await promote(killedBefore(open(), operation)).then(
        () => true,
        () => false,
      );
      // What Temporal does: the activity that was lost is tried again; a judgement that was made is kept.
      if (!whole) {
        const left = await createRegistry(open()).alias(model, 'champion');
        if (left === undefined) await promote(open());
        else {
          const move = {
            promotion: 'p1',
            model,
            version: 1,
            expected: undefined,
            reason: '',
            by: 'Ada',
            evaluation,
          };
          await activitiesOf(open()).movePromoted(move);
        }
      }
      const champion = await createRegistry(open()).alias(model, 'champion');
      expect(champion?.alias.history).toMatchObject([{ version: 1, promotion: 'p1' }]);
      expect(await gateUses(open(), model, manifest.sha256)).toMatchObject([{ promotion: 'p1' }]);
      if (whole) {
        expect(await listPromotions(open(), model)).toMatchObject([{ id: 'p1', state: 'promoted' }]);
        expect(operation).toBeGreaterThan(5);
        return;
      }
    }
  }, 120_000);
}

/** A store whose process is killed before its n-th operation. */
function killedBefore(store: Store, operation: number): Store {
  let count = 0;
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        count += 1;
        if (count > operation) throw new Error('killed');
        return Reflect.apply(member, target, given);
      };
    },
  });
}

describe('promotions on a folder', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drover-promotion-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  suite(() => openStore(root));
});

const emulatorFile = findBucketEmulator();
const describeBucket = emulatorFile === undefined ? describe.skip : describe;
describeBucket(
  emulatorFile === undefined
    ? 'promotions in a bucket (skipped: the emulator fake-gcs-server is not on this machine)'
    : 'promotions in a bucket',
  () => {
    let emulator: BucketEmulator | undefined;
    beforeAll(async () => {
      emulator = await startBucketEmulator(emulatorFile ?? '');
      await emulator.createBucket('drover-test');
    });
    afterAll(() => emulator?.stop());
    suite(() => openStore('gs://drover-test/promotions', { gcsEndpoint: emulator?.endpoint ?? '' }));
  },
);
