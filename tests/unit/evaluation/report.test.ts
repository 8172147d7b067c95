import { describe, expect, it } from '@jest/globals';
import { evaluationMarkdown } from '../../../lib/evaluation/report';
import { exampleEvaluation } from './example';

describe('evaluationMarkdown', () => {
  it('shows the headline with its interval and baseline, the classes and the matrix', () => {
    expect(evaluationMarkdown(exampleEvaluation())).toBe(
      [
        '**Accuracy 0.742** (95 % interval 0.707 to 0.774) on 640 test pictures; always answering the ' +
          'commonest class: 0.500. Log loss 0.610.',
        '',
        'Macro F1 0.362, ROC AUC 0.810, Brier score 0.380, 1.20 ms a picture.',
        '',
        '| class | pictures | precision | recall | F1 |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| cat | 320 | 0.750 | 0.700 | 0.724 |',
        '| dog | 320 | – | 0.780 | – |',
        '',
        '**Confusion matrix** (counts)',
        '',
        '| truth ↓ answer → | cat | dog |',
        '| --- | ---: | ---: |',
        '| cat | **224** | 96 |',
        '| dog | 70 | **250** |',
        '',
      ].join('\n'),
    );
  });

  it('keeps a class name from breaking its table', () => {
    const perClass = [
      { class: 'a|b\nc', pictures: 1, precision: 1, recall: 1, f1: 1, rocAuc: 1 },
      { class: 'dog', pictures: 1, precision: 1, recall: 1, f1: 1, rocAuc: 1 },
    ];
    expect(evaluationMarkdown(exampleEvaluation({ perClass }))).toContain('| a\\|b c | 1 |');
  });

  it('stays small of thousands of classes, with the worst of them, and says so', () => {
    const perClass = Array.from({ length: 3000 }, (_, index) => ({
      ...{ class: `${'|'.repeat(200)}${index}`, pictures: 1, precision: 1, recall: 1 },
      ...{ f1: index === 2999 ? 0.125 : 0.5, rocAuc: null },
    }));
    const confusion = perClass.map(() => new Array<number>(3000).fill(0));
    const text = evaluationMarkdown(exampleEvaluation({ perClass, confusion }));
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain('The 200 of 3000 classes with the lowest F1');
    expect(text).toContain('2999 | 1 | 1.000 | 1.000 | 0.125 |');
  });

  it('lists the commonest mistakes where there are too many classes for a matrix', () => {
    const classes = 30;
    const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    confusion[2]![7] = 5;
    confusion[3]![8] = 9;
    const perClass = confusion.map((_, index) => ({
      class: `c${index}`,
      pictures: 1,
      precision: 1,
      recall: 1,
      f1: 1,
      rocAuc: null,
    }));
    const text = evaluationMarkdown(exampleEvaluation({ perClass, confusion }));
    expect(text).toContain('**Commonest mistakes**');
    expect(text.indexOf('| c3 | c8 | 9 |')).toBeGreaterThan(0);
    expect(text.indexOf('| c2 | c7 | 5 |')).toBeGreaterThan(text.indexOf('| c3 | c8 | 9 |'));
  });
});
