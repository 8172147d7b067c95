import { wilsonInterval } from '../evaluation/metrics/wilson';
import { normalQuantile } from '../search/quantiles';

export interface Counted {
  readonly of: number;
  readonly hits: number;
}

/** Each bound is missed with a chance of 5 %. */
const z = normalQuantile(0.95);

/** Wilson's score interval, one-sided, 95 %. */
export function shareBounds({ hits, of }: Counted): [number, number] {
  return wilsonInterval(hits, of, z);
}

/**
 * Of the difference of two shares, `a` less `b`: R. G. Newcombe, "Interval estimation for the difference between independent
 * proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873–890, method 10. One-sided as
 * {@link shareBounds}.
 */
export function differenceBounds(a: Counted, b: Counted): [number, number] {
  if (a.of === 0 || b.of === 0) return [-1, 1];
  const [shareA, shareB] = [a.hits / a.of, b.hits / b.of];
  const [lowA, highA] = shareBounds(a);
  const [lowB, highB] = shareBounds(b);
  const difference = shareA - shareB;
  return [
    difference - Math.hypot(shareA - lowA, highB - shareB),
    difference + Math.hypot(highA - shareA, shareB - lowB),
  ];
}

/**
 * The chance of so many hits or more where each has the chance `share`: the upper tail of the binomial distribution, summed term by
 * term, so that it holds for few requests too, where an approximation would cry wolf at the first failure.
 */
export function chanceOfAsMany({ hits, of }: Counted, share: number): number {
  if (hits <= of * share) return 1;
  if (share <= 0) return 0;
  let term = Math.exp(
    logFactorial(of) -
      logFactorial(hits) -
      logFactorial(of - hits) +
      hits * Math.log(share) +
      (of - hits) * Math.log1p(-share),
  );
  let sum = term;
  // Above the mean each term is smaller than the one before.
  for (let count = hits; count < of && term > sum * 1e-16; count += 1) {
    term *= ((of - count) / (count + 1)) * (share / (1 - share));
    sum += term;
  }
  return Math.min(1, sum);
}

/** Stirling's series (DLMF 5.11.1), from 16 on right to some 14 digits. */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const x = n + 1;
  const square = x * x;
  return (
    (x - 0.5) * Math.log(x) -
    x +
    Math.log(2 * Math.PI) / 2 +
    (1 - (1 - 2 / (7 * square)) / (30 * square)) / (12 * x)
  );
}
