import type { Evaluation } from '../../../contracts/schemas/evaluation';
import type { Finding } from './limits';

/** Differences below this are those of adding numbers in floating point, not of models. */
const rounding = 1e-9;

export const share = (value: number): string => value.toFixed(3);

export function withInterval({ accuracy, accuracyInterval: [low, high] }: Evaluation): string {
  return `${share(accuracy)} (95 % interval ${share(low)} to ${share(high)})`;
}

/**
 * `min_improvement`: the accuracy must be strictly higher than the champion's, by more than so much, on the very same
 * pictures. It compares the two figures as they are, and knows no third verdict.
 */
export function judgeImprovement(
  candidate: Evaluation,
  champion: { readonly evaluation: Evaluation; readonly name: string },
  least: number,
): Finding {
  const gain = candidate.accuracy - champion.evaluation.accuracy;
  const gate = improvementName(least);
  const asked = least > 0 ? ` by more than ${share(least)}` : '';
  const theirs = `${champion.name}'s ${share(champion.evaluation.accuracy)}`;
  const pictures = `on the same ${candidate.pictures} pictures`;
  if (candidate.model.sha256 === champion.evaluation.model.sha256) {
    return { gate, verdict: 'fail', value: gain, limit: least, why: `${champion.name} is this very model` };
  }
  if (gain > least + rounding) {
    const why = `${withInterval(candidate)} beats ${theirs} ${pictures}`;
    return { gate, verdict: 'pass', value: gain, limit: least, why };
  }
  const why = `${withInterval(candidate)} does not beat ${theirs}${asked} ${pictures}`;
  return { gate, verdict: 'fail', value: gain, limit: least, why };
}

export function improvementName(least: number): string {
  return `accuracy over the champion's by more than ${least}`;
}

/** `min_accuracy`. */
export function judgeLeastAccuracy(candidate: Evaluation, least: number): Finding {
  const below = candidate.accuracy < least;
  const why = `${withInterval(candidate)} on ${candidate.pictures} pictures`;
  return {
    gate: `accuracy ≥ ${least}`,
    verdict: below ? 'fail' : 'pass',
    value: candidate.accuracy,
    limit: least,
    why: below ? `${why} is below the least accuracy of ${share(least)}` : why,
  };
}
