import { describe, expect, it } from '@jest/globals';
import { check } from '../../../contracts/schemas/problems';
import { promotionSchema } from '../../../contracts/schemas/promotion';
import { waitMilliseconds } from '../../../contracts/waits';

/** What is wrong with rules, by key. */
function problems(rules: unknown): string[] {
  const checked = check(promotionSchema, rules);
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the rules of a promotion', () => {
  it('are those of before, where nothing is said', () => {
    expect(promotionSchema.parse(undefined)).toMatchObject({
      min_accuracy: 0,
      gates: [],
      approval: { required: false },
    });
    expect(problems({ min_improvement: 0.01, min_accuracy: 0.5 })).toEqual([]);
  });

  it.each([
    [{ gate: [] }, 'gate: unknown key; did you mean "gates"?'],
    [
      { gates: [{ metric: 'acuracy', min: 0.5 }] },
      'gates.0.metric: not one of the choices; did you mean "accuracy"?',
    ],
    [{ gates: [{ metric: 'accuracy', mim: 0.5 }] }, 'gates.0.mim: unknown key; did you mean "min"?'],
    [{ gates: [{ metric: 'accuracy' }] }, 'gates.0: asks nothing; expected min, max or not_worse_by'],
    [{ gates: [{ metric: 'accuracy', min: 0.5, max: 0.4 }] }, 'gates.0.min: expected at most what max is'],
    [
      { gates: [{ metric: 'recall', min: 0.5 }] },
      "gates.0.metric: is a class's own figure; add class: every or a class's name, or use macro_recall",
    ],
    [
      { gates: [{ metric: 'accuracy', class: 'cat', min: 0.5 }] },
      'gates.0.class: goes with precision, recall, f1, roc_auc, which a class has of its own',
    ],
    [
      { gates: [{ metric: 'bytes', not_worse_by: 10 }] },
      'gates.0.not_worse_by: goes with accuracy, loss, brier, recall, which are compared picture by picture',
    ],
    [
      { gates: [{ metric: 'loss', slice: { by: 'size' }, max: 1 }] },
      'gates.0.slice: goes with metric: accuracy',
    ],
    [
      { gates: [{ metric: 'accuracy', slice: { by: 'brightnes' }, min: 0.1 }] },
      'gates.0.slice.by: not one of the choices; did you mean "brightness"?',
    ],
    [
      { approval: { required: true, deadline: 'tomorrow' } },
      'approval.deadline: expected a number with s, m, h or d, such as 12h or 3d',
    ],
    [
      { approval: { required: true, deadline: '3d', reminder: '1s' } },
      'approval.reminder: expected longer: it would be said more than 100 times until the deadline',
    ],
    [{ audit: { dataset: 'sealed', gates: [] } }, 'audit.gates: expected at least 1 item'],
  ])('%j is refused in words', (rules, words) => {
    expect(problems(rules)).toContain(words);
  });
});

describe('waitMilliseconds', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['3d', 259_200_000],
  ])('%s is %d', (wait, milliseconds) => {
    expect(waitMilliseconds(wait)).toBe(milliseconds);
  });
});
