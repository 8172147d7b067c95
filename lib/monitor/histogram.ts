/** Shares of two samples in the same bins, for the eye. */
export interface Histogram {
  readonly name: string;
  /** One more than there are bins, ascending. */
  readonly edges: readonly number[];
  /** Of each bin, of the sample's values; each adds up to 1. */
  readonly reference: readonly number[];
  readonly window: readonly number[];
  /** Of each sample. */
  readonly medians: { readonly reference: number; readonly window: number };
}

const bins = 24;
const leastLog = 0.1;
/** The share at each end that the axis leaves out where it is far away: the outermost bins hold it. */
const tail = 0.005;

/**
 * Shares in equal bins from the smallest to the largest value of both samples, but for the outermost half per cent of each, which is
 * counted to the outermost bins: one picture of a thousand must not press all others into one bin.
 *
 * @param scale - `log`: each bin is as many times as wide as the one before it, for values that differ by powers of ten
 * @returns undefined where a sample has no value
 */
export function histogramOf(
  name: string,
  reference: readonly number[],
  window: readonly number[],
  scale: 'even' | 'log' = 'even',
): Histogram | undefined {
  // Zero and what is nearly that stand at the left end.
  const placed = (value: number): number => (scale === 'log' ? Math.log10(Math.max(value, leastLog)) : value);
  const back = (value: number): number => (scale === 'log' ? 10 ** value : value);
  const [first, second] = [reference, window].map((values) => values.map(placed).sort((a, b) => a - b));
  if (first === undefined || second === undefined || first.length === 0 || second.length === 0)
    return undefined;
  const low = Math.min(at(first, tail), at(second, tail));
  const high = Math.max(at(first, 1 - tail), at(second, 1 - tail));
  // All the same: a bin around it.
  const [from, to] = high > low ? [low, high] : [low - 0.5, low + 0.5];
  const width = (to - from) / bins;
  const shares = (values: readonly number[]): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - from) / width)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts.map((count) => count / values.length);
  };
  return {
    name,
    edges: Array.from({ length: bins + 1 }, (_, edge) => back(from + edge * width)),
    reference: shares(first),
    window: shares(second),
    medians: { reference: back(at(first, 0.5)), window: back(at(second, 0.5)) },
  };
}

/** The value below which a share of sorted ones lie. */
function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
