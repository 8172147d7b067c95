import { describe, expect, it } from '@jest/globals';
import {
  judgeAnswers,
  judgeRegistry,
  judgeSweep,
  type Asked,
  type RegistryFacts,
} from '../../../bench/chaos/promises';
import type { PromotionRecord } from '../../../contracts/schemas/promotion';
import { sweepRecordSchema, type TrialState } from '../../../contracts/schemas/sweep-record';
import { ref, sweepConfig } from '../../support/fake-activities';

const record = (trials: readonly (readonly [number, TrialState])[], ended: number | undefined = 9) =>
  sweepRecordSchema.parse({
    sweep: 's',
    config: sweepConfig(),
    prepared: ref('prepared'),
    began: 0,
    ...(ended > 0 && { ended }),
    trials: trials.map(([trial, state]) => ({ trial, state, parameters: {}, began: 0 })),
  });

describe('what is found of a sweep', () => {
  it('is nothing where every trial is there once and has ended', () => {
    const stored = record([
      [1, 'finished'],
      [2, 'stopped'],
    ]);
    expect(judgeSweep(stored, 's', 2)).toEqual([]);
  });

  it.each([
    ['a lost trial', record([[1, 'finished']]), /has the trials 1, and not 1 to 2/],
    [
      'a trial done twice',
      record([
        [1, 'finished'],
        [2, 'finished'],
        [2, 'finished'],
      ]),
      /1, 2, 2/,
    ],
    [
      'a trial that failed',
      record([
        [1, 'finished'],
        [2, 'failed'],
      ]),
      /trial 2 ended as failed/,
    ],
    [
      'a sweep that has no end',
      record(
        [
          [1, 'finished'],
          [2, 'finished'],
        ],
        0,
      ),
      /still running/,
    ],
    ['no record', undefined, /left no record/],
  ])('is said of %s', (_what, stored, expected) => {
    const found = judgeSweep(stored, 's', 2);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});

const at = '2026-01-02T03:04:05.000Z';
const step = (version: number, promotion?: string) => ({
  ...{ version, at, by: 'x', reason: 'y' },
  ...(promotion !== undefined && { promotion }),
});
const promotion = (id: string, state: PromotionRecord['state'], version = 1): PromotionRecord => ({
  ...{ id, state, version, model: 'few', dryRun: false, by: 'x', workflow: 'w', startedAt: at },
  ...{ champion: null, evaluation: ref('evaluation'), gates: [], reason: '' },
  gateSet: { manifest: ref('manifest'), split: 'test', pictures: 1, uses: 1 },
});
const well: RegistryFacts = {
  runs: ['a', 'b'],
  numbers: 2,
  champion: { alias: 'champion', version: 1, history: [step(1, 'p1'), step(2, 'p2'), step(1)] },
  promotions: [promotion('p1', 'promoted'), promotion('p2', 'promoted', 2), promotion('p3', 'refused')],
  registered: new Set([1, 2]),
  rolledBack: 1,
};

describe('what is found of a registry', () => {
  it('is nothing where each version is of a run, and each move of a promotion or a rollback', () => {
    expect(judgeRegistry(well)).toEqual([]);
  });

  it.each<[string, Partial<RegistryFacts>, RegExp]>([
    ['a run registered twice', { runs: ['a', 'a'] }, /registered twice/],
    ['a number with no version', { numbers: 3 }, /3 numbers were given, and 2 versions exist/],
    ['a version that nobody made', { registered: new Set([1]) }, /version 2 is of no pipeline/],
    ['a version that is lost', { registered: new Set([1, 2, 3]) }, /version 3 is told of/],
    [
      'a promotion that moved nothing',
      { promotions: [...well.promotions, promotion('p4', 'promoted')] },
      /p4 .* 0 times, not 1/,
    ],
    [
      'a refused one that moved the champion',
      {
        promotions: [promotion('p1', 'promoted'), promotion('p2', 'refused', 2)],
      },
      /p2 \(refused\) moved the champion 1 times, not 0/,
    ],
    [
      'a move twice',
      {
        champion: {
          alias: 'champion',
          version: 2,
          history: [step(1, 'p1'), step(2, 'p2'), step(1), step(2, 'p2')],
        },
      },
      /p2 .* 2 times, not 1/,
    ],
    ['a move with no record', { promotions: [promotion('p1', 'promoted')] }, /p2 has no record/],
    ['a rollback that nobody asked for', { rolledBack: 0 }, /1 moves by rolling back, where 0/],
  ])('is said of %s', (_what, changes, expected) => {
    const found = judgeRegistry({ ...well, ...changes });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });
});

describe('what is found of answers', () => {
  const away = [{ from: 1000, to: 2000 }];
  const asked = (changes: Partial<Asked>): Asked => ({
    ...{ from: 5000, to: 5010, status: 200, explained: true },
    ...changes,
  });

  it.each<[string, Asked]>([
    ['an answer', asked({})],
    ['503 with its reason', asked({ status: 503 })],
    ['silence while it is away', asked({ from: 900, to: 1100, status: undefined })],
    ['silence of one that had not come back', asked({ from: 1900, to: 9000, status: undefined })],
  ])('is nothing of %s', (_what, one) => {
    expect(judgeAnswers([one], away)).toEqual([]);
  });

  it.each<[string, Asked]>([
    ['silence while nothing is done to it', asked({ status: undefined, explained: false })],
    ['503 with no reason', asked({ status: 503, explained: false })],
    ['500, whatever it says', asked({ status: 500 })],
    ['404, also while it is away', asked({ from: 1200, to: 1300, status: 404 })],
  ])('is said of %s', (_what, one) => {
    expect(judgeAnswers([one], away)).toHaveLength(1);
  });
});
