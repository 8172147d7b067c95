import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { judgePromotion } from '../../../lib/evaluation/gate';
import { exampleEvaluation } from './example';

const rules = { min_improvement: 0, min_accuracy: 0 };
const candidate = exampleEvaluation();
const championModel = { uri: 'store://models/b/model.onnx', sha256: 'd'.repeat(64) };
const champion = exampleEvaluation({ model: championModel, accuracy: 0.711 });

describe('judgePromotion', () => {
  it('promotes the better of two on the same pictures, and says by what', () => {
    expect(judgePromotion({ candidate, champion, championVersion: 3, rules })).toEqual({
      promote: true,
      reason: "0.742 (95 % interval 0.707 to 0.774) beats champion v3's 0.711 on the same 640 pictures",
    });
  });

  it('compares models whose preprocessing differs, since the pictures are the same', () => {
    const other = { uri: 'store://prepared/q/index.json', sha256: 'e'.repeat(64) };
    expect(judgePromotion({ candidate, champion: { ...champion, prepared: other }, rules }).promote).toBe(
      true,
    );
  });

  it('keeps the champion where the candidate is only as good', () => {
    const equal = exampleEvaluation({ model: championModel });
    const judgement = judgePromotion({ candidate, champion: equal, championVersion: 3, rules });
    expect(judgement.promote).toBe(false);
    expect(judgement.reason).toContain("does not beat champion v3's 0.742");
  });

  it('asks for more than the least improvement, not for just as much', () => {
    const judge = (min_improvement: number) =>
      judgePromotion({ candidate, champion, rules: { ...rules, min_improvement } });
    // 0.742 - 0.711 is 0.031000000000000028 in floating point.
    expect(judge(0.031).promote).toBe(false);
    expect(judge(0.03).promote).toBe(true);
    expect(judge(0.05).reason).toContain('by more than 0.050');
  });

  it('makes the first model champion, unless it is below the least accuracy', () => {
    expect(judgePromotion({ candidate, champion: undefined, rules }).promote).toBe(true);
    const strict = { ...rules, min_accuracy: 0.8 };
    expect(judgePromotion({ candidate, champion: undefined, rules: strict })).toEqual({
      promote: false,
      reason: '0.742 (95 % interval 0.707 to 0.774) on 640 pictures is below the least accuracy of 0.800',
    });
  });

  it('does not promote the champion over itself', () => {
    const judgement = judgePromotion({ candidate, champion: candidate, championVersion: 2, rules });
    expect(judgement).toEqual({ promote: false, reason: 'champion v2 is this very model' });
  });

  it.each([
    ['dataset versions', { manifest: { uri: 'store://datasets/d/x', sha256: 'f'.repeat(64) } }],
    ['splits', { split: 'validation' as const }],
    ['numbers of pictures', { pictures: 639 }],
  ])('refuses to compare figures on different %s', (_, changes) => {
    const judge = () => judgePromotion({ candidate, champion: { ...champion, ...changes }, rules });
    expect(judge).toThrow(Failure);
    expect(judge).toThrow(/evaluate both on the same/);
  });
});
