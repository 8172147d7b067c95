import { setImmediate } from 'node:timers/promises';
import type { Calibration, Evaluation } from '../../contracts/schemas/evaluation';
import type { Answers } from './metrics/answers';
import { argmax } from './metrics/argmax';
import { macroAverage, weightedAverage } from './metrics/averages';
import { bootstrapIntervals } from './metrics/bootstrap';
import { brierScore } from './metrics/brier';
import { classFigures } from './metrics/class-figures';
import {
  accuracy,
  baselineAccuracy,
  classCounts,
  confusionMatrix,
  pictureCount,
  rightAnswers,
} from './metrics/confusion';
import { logLoss } from './metrics/log-loss';
import { confidencesOf, expectedCalibrationError, reliability } from './metrics/reliability';
import { resampledFigures } from './metrics/resampled';
import { areaUnderRoc, meanOfDefined, rankBy } from './metrics/roc-auc';
import { fitTemperature, withTemperature } from './metrics/temperature';
import { ranksOfTruth, topKAccuracy } from './metrics/top-k';
import { wilsonInterval } from './metrics/wilson';

/** Those of them that leave a class out are given. */
const ks = [1, 2, 3, 5];

/** What of an evaluation follows from the answers alone. */
export type AnswerFigures = Pick<
  Evaluation,
  | 'pictures'
  | 'loss'
  | 'accuracy'
  | 'accuracyInterval'
  | 'baseline'
  | 'brier'
  | 'topK'
  | 'macro'
  | 'weighted'
  | 'rocAuc'
  | 'perClass'
  | 'confusion'
  | 'calibration'
  | 'intervals'
>;

/**
 * Every figure of some answers.
 *
 * @param answers - at least one
 * @param validation - those on the validation split, by which the temperature is fitted; undefined where there are none
 * @throws RangeError of no answers at all, and where shapes don't agree; the signal's reason
 */
export async function answerFigures(
  classes: readonly string[],
  answers: Answers,
  validation: Answers | undefined,
  signal?: AbortSignal,
): Promise<AnswerFigures> {
  const { probabilities, truth } = answers;
  const count = classes.length;
  const answered = Int32Array.from(truth, (_, picture) => argmax(probabilities, picture * count, count));
  const confusion = confusionMatrix(truth, answered, count);
  const counts = classCounts(confusion);
  const areas = await areasOf(answers, signal);
  const ranks = ranksOfTruth(answers);
  const shown = ks.filter((k) => k === 1 || k < count);
  const pictures = pictureCount(confusion);
  return {
    pictures,
    loss: required(logLoss(answers)),
    accuracy: required(accuracy(confusion)),
    accuracyInterval: wilsonInterval(rightAnswers(confusion), pictures),
    baseline: required(baselineAccuracy(confusion)),
    brier: brierScore(answers),
    topK: Object.fromEntries(shown.map((k) => [String(k), required(topKAccuracy(ranks, k))])),
    macro: macroAverage(counts),
    weighted: weightedAverage(counts),
    rocAuc: meanOfDefined(areas),
    perClass: counts.map((one, index) => ({
      class: classes[index] ?? '',
      ...classFigures(one),
      rocAuc: areas[index] ?? null,
    })),
    confusion,
    calibration: await calibrationOf(answers, validation, signal),
    intervals: await bootstrapIntervals(
      pictures,
      resampledFigures(
        answers,
        shown.filter((k) => k > 1),
      ),
      { signal },
    ),
  };
}

/** Of many pictures each takes a while, and heartbeats want their turn. */
async function areasOf(answers: Answers, signal: AbortSignal | undefined): Promise<(number | null)[]> {
  const areas: (number | null)[] = [];
  for (let index = 0; index < answers.classes; index += 1) {
    await setImmediate();
    signal?.throwIfAborted();
    areas.push(areaUnderRoc(rankBy(answers, index)));
  }
  return areas;
}

async function calibrationOf(
  answers: Answers,
  validation: Answers | undefined,
  signal: AbortSignal | undefined,
): Promise<Calibration> {
  const bins = reliability(confidencesOf(answers));
  const temperature = validation === undefined ? null : await fitTemperature(validation, signal);
  const measured = { ece: expectedCalibrationError(bins), bins, temperature };
  if (temperature === null) return { ...measured, eceAfter: null, nllAfter: null };
  const scaled = {
    ...answers,
    probabilities: withTemperature(answers.probabilities, answers.classes, temperature),
  };
  return {
    ...measured,
    eceAfter: expectedCalibrationError(reliability(confidencesOf(scaled))),
    nllAfter: logLoss(scaled),
  };
}

function required(figure: number | null): number {
  if (figure === null) throw new RangeError('no pictures have no figures');
  return figure;
}
