import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import type { Evaluation } from '../../../contracts/schemas/evaluation';
import { promotionSchema, type PromotionInput } from '../../../contracts/schemas/promotion';
import { judgePromotion, type PromotionCase } from '../../../lib/promotion/judge';
import { exampleEvaluation } from '../evaluation/example';

const candidate = exampleEvaluation();
const championModel = { uri: 'store://models/b/model.onnx', sha256: 'd'.repeat(64) };
const champion = exampleEvaluation({ model: championModel, accuracy: 0.711 });

function judge(
  rules: PromotionInput,
  changes: { champion?: Evaluation | undefined; candidate?: Partial<PromotionCase['candidate']> } = {},
) {
  const standing = 'champion' in changes ? changes.champion : champion;
  return judgePromotion({
    candidate: { evaluation: candidate, parity: 2e-6, dataAgeDays: 3, ...changes.candidate },
    champion: standing && { version: 3, evaluation: standing },
    rules: promotionSchema.parse(rules),
  });
}

describe('judgePromotion with min_improvement and min_accuracy alone', () => {
  it('promotes the better of two on the same pictures, and says by what', () => {
    expect(judge({})).toMatchObject({
      verdict: 'pass',
      reason: "0.742 (95 % interval 0.707 to 0.774) beats champion v3's 0.711 on the same 640 pictures",
    });
  });

  it('compares models whose preprocessing differs, since the pictures are the same', () => {
    const other = { uri: 'store://prepared/q/index.json', sha256: 'e'.repeat(64) };
    expect(judge({}, { champion: { ...champion, prepared: other } }).verdict).toBe('pass');
  });

  it('keeps the champion where the candidate is only as good', () => {
    const judgement = judge({}, { champion: exampleEvaluation({ model: championModel }) });
    expect(judgement.verdict).toBe('fail');
    expect(judgement.reason).toContain("does not beat champion v3's 0.742");
  });

  it('asks for more than the least improvement, not for just as much', () => {
    // 0.742 - 0.711 is 0.031000000000000028 in floating point.
    expect(judge({ min_improvement: 0.031 }).verdict).toBe('fail');
    expect(judge({ min_improvement: 0.03 }).verdict).toBe('pass');
    expect(judge({ min_improvement: 0.05 }).reason).toContain('by more than 0.050');
  });

  it('makes the first model champion, unless it is below the least accuracy', () => {
    expect(judge({}, { champion: undefined }).verdict).toBe('pass');
    expect(judge({ min_accuracy: 0.8 }, { champion: undefined })).toMatchObject({
      verdict: 'fail',
      reason: '0.742 (95 % interval 0.707 to 0.774) on 640 pictures is below the least accuracy of 0.800',
    });
  });

  it('does not promote the champion over itself', () => {
    expect(judge({}, { champion: candidate })).toMatchObject({
      verdict: 'fail',
      reason: 'champion v3 is this very model',
    });
  });

  it('lets a champion of other classes give way', () => {
    const judgement = judgePromotion({
      candidate: { evaluation: candidate, parity: 0, dataAgeDays: null },
      champion: { version: 3, incomparable: 'only the set has "zebra"' },
      rules: promotionSchema.parse({ gates: [{ metric: 'accuracy', not_worse_by: 0.01 }] }),
    });
    expect(judgement.verdict).toBe('pass');
    expect(judgement.reason).toContain('champion v3 can\'t be compared: only the set has "zebra"');
  });

  it.each([
    ['dataset versions', { manifest: { uri: 'store://datasets/d/x', sha256: 'f'.repeat(64) } }],
    ['splits', { split: 'validation' as const }],
    ['numbers of pictures', { pictures: 639 }],
  ])('refuses to compare figures on different %s', (_, changes) => {
    const compare = () => judge({}, { champion: { ...champion, ...changes } });
    expect(compare).toThrow(Failure);
    expect(compare).toThrow(/evaluate both on the same/);
  });
});

describe('judgePromotion by floors and ceilings', () => {
  it.each<[PromotionInput['gates'], 'pass' | 'fail', string]>([
    [[{ metric: 'accuracy', min: 0.742 }], 'pass', '1 gate passed'],
    [[{ metric: 'accuracy', min: 0.743 }], 'fail', 'accuracy is 0.742'],
    [[{ metric: 'recall', class: 'dog', min: 0.75 }], 'pass', '1 gate passed'],
    [
      [{ metric: 'recall', class: 'every', min: 0.75 }],
      'fail',
      'the recall of cat is 0.7 (320 pictures), below 0.75',
    ],
    [
      [{ metric: 'precision', class: 'every', min: 0.5 }],
      'fail',
      'undecided: the precision of dog was not measured',
    ],
    [[{ metric: 'recall', class: 'zebra', min: 0.5 }], 'fail', 'undecided: there is no recall of zebra'],
    [[{ metric: 'latency_ms', max: 1.2 }], 'pass', '1 gate passed'],
    [[{ metric: 'latency_ms', max: 1.1 }], 'fail', 'latency_ms is 1.2, above 1.1'],
    [[{ metric: 'bytes', max: 400_000 }], 'fail', 'bytes is 410000, above 400000'],
    [[{ metric: 'parity', max: 1e-6 }], 'fail', 'above 1.00e-6'],
    [[{ metric: 'parity', max: 1e-4 }], 'pass', '1 gate passed'],
    [[{ metric: 'data_age_days', max: 2 }], 'fail', 'the age of the data in days is 3, above 2'],
    [[{ metric: 'ece', max: 0.1 }], 'fail', 'undecided: ece was not measured'],
    [[{ metric: 'macro_recall', min: 0.7, max: 0.8 }], 'pass', '2 gates passed'],
  ])('%j gives %s', (gates, verdict, words) => {
    const judgement = judge({ gates });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.reason).toContain(words);
  });

  it('judges by the worst part of every kind, and names it', () => {
    const slices: Evaluation['slices'] = [
      { by: 'brightness', name: 'dark', pictures: 200, accuracy: 0.55, interval: [0.48, 0.62] },
      { by: 'brightness', name: 'bright', pictures: 440, accuracy: 0.83, interval: [0.79, 0.86] },
    ];
    const evaluation = exampleEvaluation({ slices });
    const of = (slice: { by: 'brightness'; name?: string }) =>
      judge({ gates: [{ metric: 'accuracy', slice, min: 0.6 }] }, { candidate: { evaluation } });
    expect(of({ by: 'brightness' }).reason).toContain('the accuracy on brightness dark is 0.55');
    expect(of({ by: 'brightness', name: 'bright' }).verdict).toBe('pass');
    expect(of({ by: 'brightness', name: 'dim' }).reason).toContain('undecided');
  });

  it('judges every gate, also after one has failed', () => {
    const { gates, reason } = judge({
      min_accuracy: 0.9,
      gates: [
        { metric: 'bytes', max: 1 },
        { metric: 'accuracy', min: 0.5 },
      ],
    });
    expect(gates.map(({ verdict }) => verdict)).toEqual(['fail', 'pass', 'fail', 'pass']);
    expect(reason).toContain('below the least accuracy of 0.900; bytes is 410000');
  });
});

describe('what an undecided gate does', () => {
  const ece = { metric: 'ece', max: 0.1 } as const;

  it.each([
    ['refuse', 'fail'],
    ['approve-by-person', 'ask'],
    ['pass', 'pass'],
  ] as const)('%s leads to %s', (on_undecided, verdict) => {
    expect(judge({ gates: [{ ...ece, on_undecided }] }).verdict).toBe(verdict);
  });

  it('is to be refused, unless a person is asked anyway', () => {
    expect(judge({ gates: [ece] }).verdict).toBe('fail');
    expect(judge({ gates: [ece], approval: { required: 'when-undecided' } }).verdict).toBe('ask');
    expect(judge({ gates: [ece], approval: { required: true } }).verdict).toBe('ask');
  });

  it('does not save a version that fails another gate', () => {
    const gates = [
      { ...ece, on_undecided: 'pass' as const },
      { metric: 'accuracy' as const, min: 0.9 },
    ];
    expect(judge({ gates }).verdict).toBe('fail');
  });

  it('asks a person about everything that passes, where approval is required', () => {
    expect(judge({ approval: { required: true } }).verdict).toBe('ask');
    expect(judge({ approval: { required: 'when-undecided' } }).verdict).toBe('pass');
    expect(judge({ min_accuracy: 0.9, approval: { required: true } }).verdict).toBe('fail');
  });
});

describe("the audit's gates", () => {
  const rules = promotionSchema.parse({
    min_accuracy: 0.9,
    gates: [{ metric: 'bytes', max: 1 }],
    audit: { dataset: 'sealed', gates: [{ metric: 'accuracy', min: 0.7 }] },
  });
  const facts = { evaluation: candidate, parity: 0, dataAgeDays: 1 };

  it('are judged alone on the sealed pictures, and not at all on others', () => {
    const audit = judgePromotion({ candidate: facts, rules, audit: true });
    expect(audit.gates.map(({ gate, verdict }) => [gate, verdict])).toEqual([['accuracy ≥ 0.7', 'pass']]);
    const others = judgePromotion({ candidate: facts, rules });
    expect(others.gates.map(({ gate }) => gate)).not.toContain('accuracy ≥ 0.7');
  });
});
