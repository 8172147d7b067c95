/** Bins of the reference with equal shares. */
const bins = 10;
/** Counted to each bin of each sample, so that an empty one does not make the index infinite. */
const least = 0.5;

/**
 * The population stability index of numbers: in bins that hold a tenth of the reference each, Σ (q − p) ln(q / p). By convention, below 0.1
 * is none and above 0.25 a large difference; its source is credit scoring (N. Siddiqi, Credit Risk Scorecards, 2006). It grows with few
 * values, so it is an effect size here and decides nothing.
 *
 * @throws RangeError of an empty sample
 */
export function stabilityIndex(reference: ArrayLike<number>, window: ArrayLike<number>): number {
  if (reference.length === 0 || window.length === 0)
    throw new RangeError('an empty sample can be compared with nothing');
  const sorted = Float64Array.from(reference).sort();
  const edges: number[] = [];
  for (let edge = 1; edge < bins; edge += 1) {
    const value = sorted[Math.ceil((edge / bins) * sorted.length) - 1] ?? NaN;
    // Equal values lie in one bin, so that there may be fewer.
    if (edges.at(-1) !== value) edges.push(value);
  }
  return indexOfCounts(countsIn(edges, reference), countsIn(edges, window));
}

/** The same of counts in classes. */
export function indexOfCounts(reference: readonly number[], window: readonly number[]): number {
  const shares = (counts: readonly number[]): number[] => {
    const total = counts.reduce((sum, count) => sum + count + least, 0);
    return counts.map((count) => (count + least) / total);
  };
  const [before, now] = [shares(reference), shares(window)];
  return before.reduce((sum, p, at) => {
    const q = now[at] ?? NaN;
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

/** How many values lie up to each edge and above the one before; at last, above all. */
function countsIn(edges: readonly number[], values: ArrayLike<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of Array.from(values)) {
    const found = edges.findIndex((edge) => value <= edge);
    const bin = found === -1 ? edges.length : found;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
