import type { Confidences } from './reliability';

/** Where only answers of at least this confidence were given. */
export interface CoveragePoint {
  readonly confidence: number;
  /** The share of pictures that would still be answered. */
  readonly coverage: number;
  /** The share of right ones among these answers. */
  readonly accuracy: number;
}

/**
 * What abstaining would buy: accuracy by coverage, from the surest answers alone to all. Equal confidences are one point. El-Yaniv
 * and Wiener, "On the foundations of noise-free selective classification", JMLR 11 (2010), call it the risk–coverage curve.
 *
 * @param most - points at most: of more, evenly spaced ones are kept
 */
export function coverageCurve({ confidence, right }: Confidences, most = Infinity): CoveragePoint[] {
  const order = Array.from(confidence, (_, picture) => picture).sort(
    (a, b) => (confidence[b] ?? 0) - (confidence[a] ?? 0),
  );
  const points: CoveragePoint[] = [];
  let hits = 0;
  order.forEach((picture, at) => {
    hits += right[picture] ?? 0;
    const [own, next] = [confidence[picture] ?? 0, confidence[order[at + 1] ?? -1]];
    if (own !== next) {
      points.push({ confidence: own, coverage: (at + 1) / order.length, accuracy: hits / (at + 1) });
    }
  });
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => points[Math.round(index * step)]).flatMap(
    (point) => point ?? [],
  );
}
