import { betaQuantile } from '../../search/quantiles';
import { power, sureness } from './paired-shares';

/** Below this the mean of something as skew as a loss is no normal variable, whatever its spread looks like. */
export const fewestForMeans = 30;

export interface PairedMean {
  readonly pictures: number;
  /** Of the candidate's less the champion's, picture by picture. */
  readonly mean: number;
  /** Standard deviation of the differences, by n − 1. */
  readonly deviation: number;
}

/** @param differences - candidate's less champion's, a picture each */
export function pairedMean(differences: readonly number[]): PairedMean {
  const pictures = differences.length;
  if (pictures === 0) return { pictures, mean: 0, deviation: 0 };
  const mean = differences.reduce((sum, one) => sum + one, 0) / pictures;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { pictures, mean, deviation: pictures > 1 ? Math.sqrt(squares / (pictures - 1)) : 0 };
}

/**
 * The one-sided 95 % bounds of the mean difference, by Student's paired t (W. S. Gosset, "The probable error of a mean",
 * Biometrika 6 (1908), 1–25).
 *
 * @returns lower and upper bound; infinite below two pictures
 */
export function pairedMeanBounds({ pictures, mean, deviation }: PairedMean): [number, number] {
  if (pictures < 2) return [-Infinity, Infinity];
  const reach = (studentQuantile(pictures - 1) * deviation) / Math.sqrt(pictures);
  return [mean - reach, mean + reach];
}

/**
 * The quantile 0.95 of Student's t, from that of a beta variable: where T is t with ν degrees of freedom, ν / (ν + T²) is
 * Beta(ν / 2, 1 / 2).
 */
export function studentQuantile(freedom: number): number {
  const x = betaQuantile(freedom / 2, 0.5, 0.1);
  return Math.sqrt((freedom * (1 - x)) / x);
}

/** As for shares: how many pictures show 8 times of 10 that an equal candidate is not worse by `margin`. */
export function picturesToDecideMean({ deviation }: PairedMean, margin: number): number {
  return Math.max(fewestForMeans, Math.floor(((sureness + power) * deviation) ** 2 / margin ** 2) + 1);
}
