import { describe, expect, it } from '@jest/globals';
import { evaluationLines } from '../../../cli/commands/evaluate';
import { exampleEvaluation } from '../evaluation/example';

describe('what `drover evaluate` prints', () => {
  it('has every figure that was measured, its interval, and each class', () => {
    const lines = evaluationLines(exampleEvaluation({ intervals: { macro_f1: [0.31, 0.41] } }));
    expect(lines).toContainEqual(expect.stringMatching(/^accuracy +0\.742 +0\.707 to 0\.774$/));
    expect(lines).toContainEqual(expect.stringMatching(/^macro_f1 +0\.362 +0\.310 to 0\.410$/));
    expect(lines).toContainEqual(expect.stringMatching(/^bytes +410 kB$/));
    expect(lines).toContainEqual(expect.stringMatching(/^dog +320 +– +0\.780 +– +–$/));
    expect(lines.join('\n')).not.toMatch(/made worse|nll_after|NaN/);
  });

  it('shows how the accuracy falls with the strength, from that on unharmed pictures', () => {
    const robustness = ([1, 2, 3, 4, 5] as const).map((strength) => ({
      ...{ kind: 'blur' as const, strength, pictures: 640, accuracy: 0.7 - strength / 10 },
    }));
    expect(evaluationLines(exampleEvaluation({ robustness })).at(-1)).toMatch(
      /^blur +0\.742 +0\.600 +0\.500 +0\.400 +0\.300 +0\.200$/,
    );
  });

  it('lets no class name steer the terminal', () => {
    const perClass = exampleEvaluation().perClass.map((one) => ({ ...one, class: 'a\u001b[2Jb' }));
    expect(evaluationLines(exampleEvaluation({ perClass })).join('\n')).not.toContain('\u001b');
  });
});
