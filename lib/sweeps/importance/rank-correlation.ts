/**
 * Spearman's rank correlation: +1 where the one always rises with the other, −1 where it always falls. Equal values share the
 * mean of their ranks, and the correlation is Pearson's of the ranks.
 *
 * @returns undefined of fewer than three pairs, and where either has one value alone
 */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (xs.length < 3 || xs.length !== ys.length) return undefined;
  const [a, b] = [ranksOf(xs), ranksOf(ys)];
  const middle = (xs.length + 1) / 2;
  let [together, ofA, ofB] = [0, 0, 0];
  for (const [at, rank] of a.entries()) {
    const [one, other] = [rank - middle, (b[at] ?? 0) - middle];
    together += one * other;
    ofA += one * one;
    ofB += other * other;
  }
  return ofA === 0 || ofB === 0 ? undefined : together / Math.sqrt(ofA * ofB);
}

/** From 1. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0));
  const ranks = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (const at of order.slice(from, to)) ranks[at] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
