import type { Answers } from './answers';
import { argmax } from './argmax';
import { macroAverage, weightedAverage } from './averages';
import type { Resampled } from './bootstrap';
import { squaredDistances } from './brier';
import type { ClassCounts } from './confusion';
import { pictureLosses } from './log-loss';
import { confidencesOf } from './reliability';
import { areaUnderRoc, meanOfDefined, rankBy } from './roc-auc';
import { ranksOfTruth } from './top-k';

/** Pictures × classes above which the ROC's interval is left out: a thousand draws would take minutes. */
const mostRanked = 500_000;

/**
 * The figures that have bootstrap intervals, as a function of how often each picture counts; by their metrics' names. The calibration
 * error has none: drawn sets have fewer different pictures, look worse calibrated, and their percentiles may leave the figure itself out.
 */
export function resampledFigures(answers: Answers, ks: readonly number[]): Resampled {
  const { probabilities, truth, classes } = answers;
  const ranks = ranksOfTruth(answers);
  const losses = pictureLosses(answers);
  const distances = squaredDistances(answers);
  const confidences = confidencesOf(answers);
  const answered = Int32Array.from(truth, (_, picture) => argmax(probabilities, picture * classes, classes));
  const hits = ks.map((k) => [`top_${k}`, ranks.map((rank) => (rank < k ? 1 : 0))] as const);
  const rankings =
    truth.length * classes > mostRanked
      ? undefined
      : Array.from({ length: classes }, (_, index) => rankBy(answers, index));
  return (weights) => {
    const counts = countsOf(truth, answered, classes, weights);
    const [macro, weighted] = [macroAverage(counts), weightedAverage(counts)];
    return {
      accuracy: weightedMean(confidences.right, weights),
      loss: weightedMean(losses, weights),
      brier: weightedMean(distances, weights),
      ...Object.fromEntries(hits.map(([name, hit]) => [name, weightedMean(hit, weights)])),
      macro_precision: macro.precision,
      macro_recall: macro.recall,
      macro_f1: macro.f1,
      weighted_precision: weighted.precision,
      weighted_recall: weighted.recall,
      weighted_f1: weighted.f1,
      ...(rankings && {
        roc_auc: meanOfDefined(rankings.map((ranking) => areaUnderRoc(ranking, weights))),
      }),
    };
  };
}

function weightedMean(values: ArrayLike<number>, weights: Int32Array): number | null {
  let [total, count] = [0, 0];
  for (let picture = 0; picture < values.length; picture += 1) {
    const weight = weights[picture] ?? 0;
    total += weight * (values[picture] ?? 0);
    count += weight;
  }
  return count === 0 ? null : total / count;
}

function countsOf(
  truth: ArrayLike<number>,
  answered: Int32Array,
  classes: number,
  weights: Int32Array,
): ClassCounts[] {
  const counts = Array.from({ length: classes }, () => ({ pictures: 0, answered: 0, right: 0 }));
  for (let picture = 0; picture < answered.length; picture += 1) {
    const weight = weights[picture] ?? 0;
    const [of, answer] = [counts[truth[picture] ?? 0], counts[answered[picture] ?? 0]];
    if (of === undefined || answer === undefined) continue;
    of.pictures += weight;
    answer.answered += weight;
    if (of === answer) of.right += weight;
  }
  return counts;
}
