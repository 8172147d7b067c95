import { wilsonInterval } from '../evaluation/metrics/wilson';
import { normalCdf } from '../search/normal';

/** @param share - in (0.5, 1); @returns z with so much of the standard normal distribution below it */
export function normalQuantile(share: number): number {
  let [low, high] = [0, 10];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export interface Counted {
  readonly of: number;
  readonly hits: number;
}

/** Wilson's score interval, one-sided: each bound is missed with the chance 1 − `sure`. */
export function shareBounds({ hits, of }: Counted, sure: number): [number, number] {
  return wilsonInterval(hits, of, normalQuantile(sure));
}

/**
 * Of the difference of two shares, `a` less `b`: R. G. Newcombe, "Interval estimation for the difference between independent
 * proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873–890, method 10. One-sided as
 * {@link shareBounds}.
 */
export function differenceBounds(a: Counted, b: Counted, sure: number): [number, number] {
  if (a.of === 0 || b.of === 0) return [-1, 1];
  const [shareA, shareB] = [a.hits / a.of, b.hits / b.of];
  const [lowA, highA] = shareBounds(a, sure);
  const [lowB, highB] = shareBounds(b, sure);
  const difference = shareA - shareB;
  return [
    difference - Math.hypot(shareA - lowA, highB - shareB),
    difference + Math.hypot(highA - shareA, shareB - lowB),
  ];
}
