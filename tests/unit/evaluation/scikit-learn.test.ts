import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { argmax } from '../../../lib/evaluation/metrics/argmax';
import { macroAverage, weightedAverage } from '../../../lib/evaluation/metrics/averages';
import { brierScore } from '../../../lib/evaluation/metrics/brier';
import { classFigures } from '../../../lib/evaluation/metrics/class-figures';
import {
  accuracy,
  classCounts,
  confusionMatrix,
  rightAnswers,
} from '../../../lib/evaluation/metrics/confusion';
import { logLoss } from '../../../lib/evaluation/metrics/log-loss';
import {
  confidencesOf,
  expectedCalibrationError,
  reliability,
} from '../../../lib/evaluation/metrics/reliability';
import { areaUnderRoc, meanOfDefined, rankBy } from '../../../lib/evaluation/metrics/roc-auc';
import { fitTemperature, withTemperature } from '../../../lib/evaluation/metrics/temperature';
import { ranksOfTruth, topKAccuracy } from '../../../lib/evaluation/metrics/top-k';
import { wilsonInterval } from '../../../lib/evaluation/metrics/wilson';

const figure = z.number().nullable();
const average = z.strictObject({ precision: figure, recall: figure, f1: figure });
const fixture = z
  .strictObject({
    'made with': z.record(z.string(), z.string()),
    bins: z.int(),
    cases: z.array(
      z.strictObject({
        name: z.string(),
        truth: z.array(z.int()),
        probabilities: z.array(z.array(z.number())),
        figures: z.strictObject({
          confusion: z.array(z.array(z.int())),
          accuracy: z.number(),
          loss: z.number(),
          brier: z.number(),
          topK: z.record(z.string(), z.number()),
          macro: average,
          weighted: average,
          perClass: z.array(
            z.strictObject({
              pictures: z.int(),
              precision: figure,
              recall: figure,
              f1: figure,
              rocAuc: figure,
            }),
          ),
          rocAuc: figure,
          reliability: z.strictObject({
            pictures: z.array(z.int()),
            accuracy: z.array(z.number()),
            confidence: z.array(z.number()),
            ece: z.number(),
          }),
          temperature: figure,
          scaled: z.strictObject({ nll: z.number(), ece: z.number() }).optional(),
          wilson: z.tuple([z.number(), z.number()]),
        }),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(path.join(__dirname, '../../fixtures/evaluation/scikit-learn.json'), 'utf8')),
  );

/** The same value with each of its numbers as one that is no further off than 1e-9. */
function near(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 9.3);
  if (Array.isArray(value)) return value.map(near);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, near(one)]));
}

describe.each(fixture.cases)(
  "scikit-learn's figures, to 1e-9: $name",
  ({ truth, probabilities, figures }) => {
    const classes = probabilities[0]?.length ?? 0;
    const answers = { probabilities: probabilities.flat(), truth, classes };
    const answered = probabilities.map((row) => argmax(row));
    const confusion = confusionMatrix(truth, answered, classes);
    const counts = classCounts(confusion);

    it('confusion matrix, accuracy and its interval', () => {
      expect(confusion).toEqual(figures.confusion);
      expect(accuracy(confusion)).toEqual(near(figures.accuracy));
      expect(wilsonInterval(rightAnswers(confusion), truth.length)).toEqual(near(figures.wilson));
    });

    it('log loss and Brier score', () => {
      expect(logLoss(answers)).toEqual(near(figures.loss));
      expect(brierScore(answers)).toEqual(near(figures.brier));
    });

    it('top-k accuracy', () => {
      const ranks = ranksOfTruth(answers);
      const found = Object.keys(figures.topK).map((k) => [k, topKAccuracy(ranks, Number(k))]);
      expect(Object.fromEntries(found)).toEqual(near(figures.topK));
    });

    it('precision, recall, F1 and ROC AUC of each class, and their averages', () => {
      const areas = counts.map((_, index) => areaUnderRoc(rankBy(answers, index)));
      expect(counts.map((one, index) => ({ ...classFigures(one), rocAuc: areas[index] }))).toEqual(
        near(figures.perClass),
      );
      expect(macroAverage(counts)).toEqual(near(figures.macro));
      expect(weightedAverage(counts)).toEqual(near(figures.weighted));
      expect(meanOfDefined(areas)).toEqual(near(figures.rocAuc));
    });

    it('bins of the reliability diagram, and the calibration error', () => {
      const bins = reliability(confidencesOf(answers, fixture.bins));
      const filled = bins.filter((bin) => bin.pictures > 0);
      expect({
        pictures: bins.map((bin) => bin.pictures),
        accuracy: filled.map((bin) => bin.accuracy),
        confidence: filled.map((bin) => bin.confidence),
        ece: expectedCalibrationError(bins),
      }).toEqual(near(figures.reliability));
    });

    it('temperature, and the figures that it gives', async () => {
      const temperature = await fitTemperature(answers);
      expect(temperature).toEqual(near(figures.temperature));
      if (temperature === null) return;
      const scaled = {
        ...answers,
        probabilities: withTemperature(answers.probabilities, classes, temperature),
      };
      expect({
        nll: logLoss(scaled),
        ece: expectedCalibrationError(reliability(confidencesOf(scaled, fixture.bins))),
      }).toEqual(near(figures.scaled));
    });
  },
);
