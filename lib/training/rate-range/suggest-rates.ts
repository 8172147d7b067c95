import type { RateRange } from '../../../contracts/schemas/rehearsal';

type Point = Pick<RateRange['points'][number], 'rate' | 'smoothed'>;

/** What a sweep of rates speaks for. */
export interface RateSuggestions {
  /** Where the smoothed loss falls fastest with the logarithm of the rate: a rate that surely learns. */
  readonly steepest: number;
  /** A tenth of {@link minimum}: fastai's other rule, which is often the larger of the two. */
  readonly tenth: number;
  /** Where the smoothed loss is least: too large to train with, as it is about to rise. */
  readonly minimum: number;
  /** Whether the loss still fell at the sweep's end, so that a larger end may suggest more. */
  readonly stillFalling: boolean;
}

/** Share of the sweep at its start of which too few losses are known to speak of a slope. */
const unsettled = 0.1;
/** Share of the sweep that a slope is measured over, to either side. */
const around = 0.03;

/**
 * Two rates to begin with, by the two rules of fastai's `lr_find` (after Smith, 2017).
 *
 * @param steps - Of the whole sweep, whether or not it came to its end.
 * @returns undefined where the loss never fell.
 */
export function suggestRates(points: readonly Point[], steps: number): RateSuggestions | undefined {
  const first = Math.ceil(steps * unsettled);
  const half = Math.max(1, Math.round(steps * around));
  let least: { readonly at: number; readonly point: Point } | undefined;
  for (const [at, point] of points.entries()) {
    if (at >= first && (!least || point.smoothed < least.point.smoothed)) least = { at, point };
  }
  if (!least) return undefined;
  let steepest: { readonly rate: number; readonly slope: number } | undefined;
  for (let at = first; at <= least.at; at += 1) {
    const near = points.slice(Math.max(0, at - half), at + half + 1).map(({ smoothed }) => smoothed);
    const slope = slopeOf(near);
    const rate = points[at]?.rate;
    if (rate !== undefined && slope < (steepest?.slope ?? 0)) steepest = { rate, slope };
  }
  if (!steepest) return undefined;
  return {
    steepest: steepest.rate,
    tenth: least.point.rate / 10,
    minimum: least.point.rate,
    stillFalling: least.at === points.length - 1 && points.length >= steps,
  };
}

/** Of the straight line through values at equal distances that is nearest to them by least squares. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let products = 0;
  let squares = 0;
  for (const [at, value] of values.entries()) {
    products += (at - middle) * (value - mean);
    squares += (at - middle) ** 2;
  }
  return squares === 0 ? 0 : products / squares;
}
