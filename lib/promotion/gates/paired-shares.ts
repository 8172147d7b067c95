import { normalQuantile } from '../../search/quantiles';

/** Two models' answers to the same pictures, counted by where only one of them is right. */
export interface PairedCounts {
  readonly pictures: number;
  /** Where the candidate alone is right. */
  readonly gained: number;
  /** Where the champion alone is right. */
  readonly lost: number;
}

/** One-sided, 95 %. */
export const sureness = normalQuantile(0.95);
/** Of a test that is to find what is there 8 times of 10. */
export const power = normalQuantile(0.8);

/**
 * The one-sided 95 % bounds of the difference between two paired shares, candidate's less champion's, by the score
 * interval: T. Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
 * design", Statistics in Medicine 17 (1998), 891–908. Unlike Wald's it stays honest where the two hardly ever differ:
 * two equal models are not known to be equal from a few pictures.
 *
 * @returns lower and upper bound, in [-1, 1]; [-1, 1] of no pictures
 */
export function pairedDifferenceBounds(counts: PairedCounts, z = sureness): [number, number] {
  if (counts.pictures === 0) return [-1, 1];
  // The score falls as the difference that is supposed rises.
  return [crossing(counts, z), crossing(counts, -z)];
}

/** The difference at which the score has this value, by bisection. */
function crossing(counts: PairedCounts, wanted: number): number {
  let [low, high] = [-1, 1];
  while (high - low > 1e-14) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (score(counts, middle) > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Tango's score of a supposed difference, with the maximum-likelihood share of pictures lost under it. */
function score({ pictures: n, gained, lost }: PairedCounts, difference: number): number {
  const a = 2 * n;
  const b = -gained - lost + (2 * n - gained + lost) * difference;
  const c = -lost * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = n * (2 * share + difference * (1 - difference));
  const distance = gained - lost - n * difference;
  if (variance <= 0) return distance === 0 ? 0 : distance * Infinity;
  return distance / Math.sqrt(variance);
}

/**
 * How many pictures it would take to show, 8 times of 10, that a candidate as good as the champion is not worse by `margin`,
 * where the two differ on the share of pictures that they differ on here.
 *
 * J. M. Nam, "Establishing equivalence of two treatments and sample size requirements in matched-pairs design", Biometrics 53
 * (1997), 1422–1430, in its form for large samples; and never fewer than two models that never differ need.
 */
export function picturesToDecide({ pictures, gained, lost }: PairedCounts, margin: number): number {
  const differing = pictures === 0 ? 0 : (gained + lost) / pictures;
  const needed = ((sureness + power) ** 2 * differing) / margin ** 2;
  const least = (sureness ** 2 * (1 - margin)) / margin;
  return Math.floor(Math.max(needed, least)) + 1;
}
