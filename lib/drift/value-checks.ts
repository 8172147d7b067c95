import type { PictureStatistic } from '../../contracts/schemas/drift';
import { argmax } from '../evaluation/metrics/argmax';
import { quantile } from '../evaluation/metrics/quantile';
import { checkNames, rounded, type Comparing, type Found } from './check';
import { chiSquared, pooledCounts } from './chi-squared';
import { kolmogorovSmirnov, largestGap, testOfGap } from './kolmogorov-smirnov';
import type { Observations } from './observations';
import { indexOfCounts, stabilityIndex } from './stability-index';
import { createTurns } from './turns';

/** Those of a picture statistic that are known. */
export function knownOf({ statistics }: Observations, statistic: PictureStatistic): Float32Array {
  return statistics[statistic].filter((value) => !Number.isNaN(value));
}

export function checkStatistic({ reference, window }: Comparing, statistic: PictureStatistic): Found {
  return compareValues(knownOf(reference, statistic), knownOf(window, statistic), checkNames[statistic].name);
}

export function checkConfidence({ reference, window }: Comparing): Found {
  return compareValues(confidencesOf(reference), confidencesOf(window), checkNames.confidence.name);
}

function compareValues(reference: Float32Array, window: Float32Array, name: string): Found {
  const { statistic, p } = kolmogorovSmirnov(reference, window);
  const medians = [reference, window].map((values) => rounded(quantile(Array.from(values), 0.5)));
  return {
    ...{ statistic, p },
    effect: { measure: 'PSI', value: stabilityIndex(reference, window) },
    counts: { reference: reference.length, window: window.length },
    why: `${name}: the median is ${medians[1] ?? ''} in the window and ${medians[0] ?? ''} in the reference.`,
  };
}

/** Which classes are answered: the table of counts, the rarest classes put together. */
export function checkClasses({ reference, window, classNames }: Comparing): Found {
  const [before, now] = [answersOf(reference), answersOf(window)];
  const pooled = pooledCounts(before, now);
  const { statistic, p } = chiSquared(pooled.first, pooled.second);
  const changes = now.map((count, at) => count / window.count - (before[at] ?? 0) / reference.count);
  const most = argmax(changes.map(Math.abs));
  return {
    ...{ statistic, p },
    effect: { measure: 'PSI', value: indexOfCounts(pooled.first, pooled.second) },
    counts: { reference: reference.count, window: window.count },
    why: `The share of answers that changed most is that of class ${classNames[most] ?? most}, by ${rounded(100 * (changes[most] ?? 0))} points.`,
  };
}

/**
 * The probabilities of each class, compared on their own, with Bonferroni's correction: black box shift detection as Rabanser, Günnemann and
 * Lipton use it, "Failing loudly", NeurIPS 2019 (section 3.2, univariate tests of softmax outputs).
 */
export async function checkProbabilities({
  reference,
  window,
  classNames,
  signal,
}: Comparing): Promise<Found> {
  const turn = createTurns(signal);
  const gaps: number[] = [];
  for (let index = 0; index < reference.classes; index += 1) {
    await turn();
    gaps.push(largestGap(columnOf(reference, index), columnOf(window, index)));
  }
  // Its p is the smallest, as all classes have the same counts; each p takes as many steps as both counts multiplied.
  const worst = argmax(gaps);
  const { statistic, p } = testOfGap(reference.count, window.count, gaps[worst] ?? 0);
  const mean = (observed: Observations) =>
    columnOf(observed, worst).reduce((sum, value) => sum + value, 0) / observed.count;
  const [before, now] = [mean(reference), mean(window)];
  return {
    statistic,
    p: Math.min(1, gaps.length * p),
    effect: { measure: 'change of the mean', value: now - before },
    counts: { reference: reference.count, window: window.count },
    why: `Class ${classNames[worst] ?? worst} differs most: its mean probability is ${rounded(now)} in the window and ${rounded(before)} in the reference.`,
  };
}

function columnOf({ probabilities, classes, count }: Observations, index: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, picture) => probabilities[picture * classes + index] ?? NaN,
  );
}

/** The answer of each picture. */
export function answerOf({ probabilities, classes }: Observations, picture: number): number {
  return argmax(probabilities, picture * classes, classes);
}

/** How often each class is the answer. */
export function answersOf(observed: Observations): number[] {
  const counts = new Array<number>(observed.classes).fill(0);
  for (let picture = 0; picture < observed.count; picture += 1) {
    const answer = answerOf(observed, picture);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

/** How sure the answer to each picture is. */
export function confidencesOf(observed: Observations): Float32Array {
  return Float32Array.from({ length: observed.count }, (_, picture) => {
    return observed.probabilities[picture * observed.classes + answerOf(observed, picture)] ?? NaN;
  });
}
