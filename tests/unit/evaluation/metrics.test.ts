import { describe, expect, it } from '@jest/globals';
import {
  accuracy,
  argmax,
  baselineAccuracy,
  classFigures,
  confusionMatrix,
  logLoss,
  wilsonInterval,
} from '../../../lib/evaluation/metrics';

describe('confusionMatrix', () => {
  it("gives the matrix of scikit-learn's own example (sklearn.metrics.confusion_matrix)", () => {
    expect(confusionMatrix([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2], 3)).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ]);
  });

  it('refuses labels and answers that do not pair up, and indices of no class', () => {
    expect(() => confusionMatrix([0, 1], [0], 2)).toThrow(RangeError);
    expect(() => confusionMatrix([0, 2], [0, 1], 2)).toThrow(RangeError);
    expect(() => confusionMatrix([0, 1], [0, -1], 2)).toThrow(RangeError);
  });
});

describe('figures of a confusion matrix', () => {
  it("gives accuracy 0.5 in scikit-learn's own example (sklearn.metrics.accuracy_score)", () => {
    expect(accuracy(confusionMatrix([0, 1, 2, 3], [0, 2, 1, 3], 4))).toBe(0.5);
  });

  it("gives precision and recall of scikit-learn's own examples (precision_score, recall_score)", () => {
    const figures = classFigures(confusionMatrix([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3));
    expect(figures.map(({ precision }) => precision)).toEqual([expect.closeTo(2 / 3, 12), 0, 0]);
    expect(figures.map(({ recall }) => recall)).toEqual([1, 0, 0]);
  });

  it('has no precision for a class never answered and no recall for a class without pictures', () => {
    // Truth is always 0 or 1, the answer always 1 or 2.
    const figures = classFigures(confusionMatrix([0, 0, 1, 1], [1, 1, 1, 2], 3));
    expect(figures).toEqual([
      { pictures: 2, precision: null, recall: 0 },
      { pictures: 2, precision: expect.closeTo(1 / 3, 12), recall: 0.5 },
      { pictures: 0, precision: 0, recall: null },
    ]);
  });

  it('takes the commonest true class for the baseline, whatever was answered', () => {
    expect(baselineAccuracy(confusionMatrix([0, 1, 1, 1, 2], [0, 0, 0, 0, 0], 3))).toBeCloseTo(3 / 5, 12);
  });
});

describe('logLoss', () => {
  it("gives 0.21616 in scikit-learn's own example (sklearn.metrics.log_loss)", () => {
    // Columns ham, spam; truth spam, ham, ham, spam.
    const loss = logLoss([0.1, 0.9, 0.9, 0.1, 0.8, 0.2, 0.35, 0.65], [1, 0, 0, 1], 2);
    expect(loss).toBeCloseTo(0.21616, 5);
  });

  it('stays finite where the true class was given probability 0', () => {
    expect(logLoss([1, 0], [1], 2)).toBeCloseTo(23 * Math.LN2, 12);
  });

  it('refuses shapes that do not agree', () => {
    expect(() => logLoss([1, 0, 0], [1], 2)).toThrow(RangeError);
  });
});

describe('wilsonInterval', () => {
  // R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
  // (1998), 857–872, table I, method 3 (score without continuity correction).
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("gives Newcombe's published interval of %i in %i", (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('is the mirror image for failures, reaches exactly 1 where all were right, and knows nothing of no trials', () => {
    const [low, high] = wilsonInterval(20, 20);
    expect(low).toBeCloseTo(1 - 0.1611, 4);
    expect(high).toBe(1);
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});

describe('argmax', () => {
  it('finds the largest in its part of the array, the first of equals', () => {
    expect(argmax([9, 1, 3, 3, 8], 1, 3)).toBe(1);
    expect(argmax([0.2, 0.5, 0.3])).toBe(1);
  });
});
