import { describe, expect, it } from '@jest/globals';
import { argmax } from '../../../lib/evaluation/metrics/argmax';
import { bootstrapIntervals } from '../../../lib/evaluation/metrics/bootstrap';
import { classFigures } from '../../../lib/evaluation/metrics/class-figures';
import {
  accuracy,
  baselineAccuracy,
  classCounts,
  confusionMatrix,
} from '../../../lib/evaluation/metrics/confusion';
import { coverageCurve } from '../../../lib/evaluation/metrics/coverage';
import { logLoss } from '../../../lib/evaluation/metrics/log-loss';
import { quantile } from '../../../lib/evaluation/metrics/quantile';
import { confidencesOf, reliability } from '../../../lib/evaluation/metrics/reliability';
import { resampledFigures } from '../../../lib/evaluation/metrics/resampled';
import { areaUnderRoc, rankBy } from '../../../lib/evaluation/metrics/roc-auc';
import { rocCurve } from '../../../lib/evaluation/metrics/roc-curve';
import { wilsonInterval } from '../../../lib/evaluation/metrics/wilson';
import { answerFigures } from '../../../lib/evaluation/figures';
import { metricOf } from '../../../lib/evaluation/metric-of';
import { evaluationMetrics } from '../../../contracts/schemas/evaluation';
import { exampleEvaluation } from './example';

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

const figuresOf = (truth: readonly number[], answers: readonly number[]) =>
  classCounts(confusionMatrix(truth, answers, 3)).map(classFigures);

describe('figures of a confusion matrix', () => {
  it('has none of no pictures', () => {
    expect(accuracy([])).toBeNull();
    expect(baselineAccuracy([[0]])).toBeNull();
    expect(figuresOf([], [])[0]).toEqual({ pictures: 0, precision: null, recall: null, f1: null });
  });

  it("gives accuracy 0.5 in scikit-learn's own example (sklearn.metrics.accuracy_score)", () => {
    expect(accuracy(confusionMatrix([0, 1, 2, 3], [0, 2, 1, 3], 4))).toBe(0.5);
  });

  it("gives precision and recall of scikit-learn's own examples (precision_score, recall_score)", () => {
    const figures = figuresOf([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]);
    expect(figures.map(({ precision }) => precision)).toEqual([expect.closeTo(2 / 3, 12), 0, 0]);
    expect(figures.map(({ recall }) => recall)).toEqual([1, 0, 0]);
  });

  it('has no precision for a class never answered and no recall for a class without pictures', () => {
    // Truth is always 0 or 1, the answer always 1 or 2.
    const figures = figuresOf([0, 0, 1, 1], [1, 1, 1, 2]);
    expect(figures).toEqual([
      { pictures: 2, precision: null, recall: 0, f1: 0 },
      { pictures: 2, precision: expect.closeTo(1 / 3, 12), recall: 0.5, f1: expect.closeTo(0.4, 12) },
      { pictures: 0, precision: 0, recall: null, f1: 0 },
    ]);
  });

  it('takes the commonest true class for the baseline, whatever was answered', () => {
    expect(baselineAccuracy(confusionMatrix([0, 1, 1, 1, 2], [0, 0, 0, 0, 0], 3))).toBeCloseTo(3 / 5, 12);
  });
});

describe('logLoss', () => {
  it("gives 0.21616 in scikit-learn's own example (sklearn.metrics.log_loss)", () => {
    // Columns ham, spam; truth spam, ham, ham, spam.
    const loss = logLoss({
      probabilities: [0.1, 0.9, 0.9, 0.1, 0.8, 0.2, 0.35, 0.65],
      truth: [1, 0, 0, 1],
      classes: 2,
    });
    expect(loss).toBeCloseTo(0.21616, 5);
  });

  it('stays finite where the true class was given probability 0', () => {
    expect(logLoss({ probabilities: [1, 0], truth: [1], classes: 2 })).toBeCloseTo(23 * Math.LN2, 12);
  });

  it('refuses shapes that do not agree', () => {
    expect(() => logLoss({ probabilities: [1, 0, 0], truth: [1], classes: 2 })).toThrow(RangeError);
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

describe('quantile', () => {
  it("gives numpy's own (numpy.quantile, linear)", () => {
    expect(quantile([3, 1, 4, 2], 0.025)).toBeCloseTo(1.075, 12);
    expect(quantile([3, 1, 4, 2], 0.975)).toBeCloseTo(3.925, 12);
    expect(quantile([7], 0.5)).toBe(7);
  });
});

describe('areaUnderRoc', () => {
  it('counts a weighted picture as often as its weight says', () => {
    const once = { probabilities: [0.8, 0.2, 0.4, 0.6, 0.4, 0.6, 0.1, 0.9], truth: [0, 1, 0, 1], classes: 2 };
    const twice = {
      probabilities: [...once.probabilities, 0.4, 0.6, 0.4, 0.6],
      truth: [...once.truth, 0, 0],
      classes: 2,
    };
    const weighted = areaUnderRoc(rankBy(once, 0), [1, 1, 3, 1]);
    expect(weighted).toBeCloseTo(areaUnderRoc(rankBy(twice, 0)) ?? NaN, 12);
    expect(weighted).not.toBe(areaUnderRoc(rankBy(once, 0)));
  });
});

describe('rocCurve', () => {
  const probabilities = [0.8, 0.2, 0.4, 0.6, 0.4, 0.6, 0.1, 0.9, 0.4, 0.6];
  const ranking = rankBy({ probabilities, truth: [0, 1, 0, 1, 1], classes: 2 }, 0);

  it("gives the points of scikit-learn's roc_curve, a group of ties as one step", () => {
    // roc_curve([1, 0, 1, 0, 0], [0.8, 0.4, 0.4, 0.1, 0.4])
    expect(rocCurve(ranking)).toEqual([
      { others: 0, ofClass: 0 },
      { others: 0, ofClass: 0.5 },
      { others: expect.closeTo(2 / 3, 12), ofClass: 1 },
      { others: 1, ofClass: 1 },
    ]);
  });

  it('encloses the area that areaUnderRoc gives, and keeps its ends where it is thinned', () => {
    const points = rocCurve(ranking);
    const area = points.slice(1).reduce((sum, { others, ofClass }, at) => {
      const before = points[at]!;
      return sum + ((others - before.others) * (ofClass + before.ofClass)) / 2;
    }, 0);
    expect(area).toBeCloseTo(areaUnderRoc(ranking) ?? NaN, 12);
    expect(rocCurve(ranking, 2)).toEqual([points[0], points.at(-1)]);
  });

  it('has no points where there is nothing to tell apart', () => {
    expect(rocCurve(rankBy({ probabilities: [1, 0], truth: [0], classes: 2 }, 0))).toEqual([]);
  });
});

describe('coverageCurve', () => {
  it('goes from the surest answers to all, equal confidences at once', () => {
    const probabilities = [0.9, 0.1, 0.3, 0.7, 0.3, 0.7, 0.6, 0.4];
    const points = coverageCurve(confidencesOf({ probabilities, truth: [0, 1, 0, 1], classes: 2 }));
    expect(points).toEqual([
      { confidence: 0.9, coverage: 0.25, accuracy: 1 },
      { confidence: 0.7, coverage: 0.75, accuracy: expect.closeTo(2 / 3, 12) },
      { confidence: 0.6, coverage: 1, accuracy: 0.5 },
    ]);
  });
});

describe('reliability', () => {
  it('counts a confidence on the edge of two bins to the lower, and one of 1 to the last', () => {
    const probabilities = [0.5, 0.3, 0.2, 1, 0, 0, 0.51, 0.29, 0.2];
    const bins = reliability(confidencesOf({ probabilities, truth: [0, 0, 0], classes: 3 }, 10));
    expect(bins.map(({ pictures }) => pictures)).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 0, 1]);
  });
});

/** Two classes, of which the first is right with this probability: right in the first `right` of so many. */
const answersOf = (right: number, pictures: number) => ({
  probabilities: Array.from({ length: pictures }, (_, at) => (at < right ? [0.9, 0.1] : [0.2, 0.8])).flat(),
  truth: new Array<number>(pictures).fill(0),
  classes: 2,
});

describe('bootstrapIntervals', () => {
  it('comes near to the exact binomial interval of an accuracy', async () => {
    const { accuracy: interval } = await bootstrapIntervals(400, resampledFigures(answersOf(320, 400), []));
    // 0.025 and 0.975 of Binomial(400, 0.8) are 304 and 335.
    expect(interval?.[0]).toBeCloseTo(304 / 400, 2);
    expect(interval?.[1]).toBeCloseTo(335 / 400, 2);
  });

  it('is the same each time, and has nothing to say of no pictures', async () => {
    const figures = resampledFigures(answersOf(3, 7), []);
    expect(await bootstrapIntervals(7, figures)).toEqual(await bootstrapIntervals(7, figures));
    expect(await bootstrapIntervals(0, figures)).toEqual({});
  });

  it('leaves out what is undefined, such as the ROC of one class alone', async () => {
    const found = await bootstrapIntervals(7, resampledFigures(answersOf(3, 7), []));
    expect(found).not.toHaveProperty('roc_auc');
    expect(found).toHaveProperty('brier');
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(bootstrapIntervals(7, () => ({}), { signal })).rejects.toThrow('stopped');
  });
});

describe('answerFigures', () => {
  it('agrees with the resampled figures where every picture counts once', async () => {
    const answers = {
      probabilities: [0.7, 0.2, 0.1, 0.4, 0.5, 0.1, 0.3, 0.3, 0.4, 0.2, 0.5, 0.3],
      truth: [0, 0, 2, 1],
      classes: 3,
    };
    const evaluation = {
      ...exampleEvaluation(),
      ...(await answerFigures(['a', 'b', 'c'], answers, undefined)),
    };
    const once = resampledFigures(answers, [2])(new Int32Array(4).fill(1));
    const names = evaluationMetrics.filter((name) => once[name] !== undefined);
    expect(names).toHaveLength(11);
    for (const name of names) expect([name, metricOf(evaluation, name)]).toEqual([name, once[name]]);
  });

  it('fits the temperature on the validation answers alone', async () => {
    const sure = {
      ...answersOf(60, 100),
      truth: Array.from({ length: 100 }, (_, at) => (at % 10 < 7 ? 0 : 1)),
    };
    const test = answersOf(8, 10);
    const { calibration } = await answerFigures(['a', 'b'], test, sure);
    const without = await answerFigures(['a', 'b'], test, undefined);
    expect(calibration?.temperature).toBeGreaterThan(1);
    expect(calibration?.ece).toBe(without.calibration?.ece);
    expect(without.calibration).toMatchObject({ temperature: null, eceAfter: null, nllAfter: null });
  });
});
