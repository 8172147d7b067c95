/**
 * The score interval of a binomial proportion: E. B. Wilson, "Probable inference, the law of succession, and
 * statistical inference", Journal of the American Statistical Association 22 (1927), 209–212.
 *
 * @param z - Standard normal quantile; the default is that of 95 %.
 * @returns lower and upper bound, within [0, 1]; [0, 1] where nothing was tried.
 */
export function wilsonInterval(successes: number, trials: number, z = 1.959963984540054): [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const square = (z * z) / trials;
  const middle = share + square / 2;
  const reach = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  return [
    successes === 0 ? 0 : Math.max(0, (middle - reach) / (1 + square)),
    successes === trials ? 1 : Math.min(1, (middle + reach) / (1 + square)),
  ];
}
