import { logGamma } from '../search/log-gamma';

export interface ChiSquared {
  readonly statistic: number;
  readonly degrees: number;
  readonly p: number;
}

/**
 * Pearson's test that two rows of counts have the same shares (K. Pearson, Philosophical Magazine 50, 1900). Its p is that of the limit,
 * which is good where every expected count is 5 or more: see {@link pooledCounts}.
 *
 * @throws RangeError where the rows differ in length, or one has no counts
 */
export function chiSquared(first: readonly number[], second: readonly number[]): ChiSquared {
  if (first.length !== second.length)
    throw new RangeError(`${first.length} and ${second.length} counts cannot be compared`);
  const [n, m] = [sum(first), sum(second)];
  if (n === 0 || m === 0) throw new RangeError('a row without counts has no shares');
  let statistic = 0;
  let columns = 0;
  first.forEach((a, at) => {
    const b = second[at] ?? 0;
    const share = (a + b) / (n + m);
    if (share === 0) return;
    columns += 1;
    statistic += (a - n * share) ** 2 / (n * share) + (b - m * share) ** 2 / (m * share);
  });
  const degrees = columns - 1;
  return { statistic, degrees, p: degrees === 0 ? 1 : gammaTail(degrees / 2, statistic / 2) };
}

/** The least expected count at which the limit is trusted: W. G. Cochran, Biometrics 10 (1954). */
const leastExpected = 5;

/**
 * The same counts with the rarest columns put together until each is expected 5 times in either row, or only one is left.
 *
 * @returns both rows, in the same order of columns
 */
export function pooledCounts(
  first: readonly number[],
  second: readonly number[],
): { readonly first: number[]; readonly second: number[] } {
  const [n, m] = [sum(first), sum(second)];
  const smaller = Math.min(n, m) / (n + m);
  const columns = first
    .map((a, at) => ({ a, b: second[at] ?? 0 }))
    .filter(({ a, b }) => a + b > 0)
    .sort((one, other) => one.a + one.b - (other.a + other.b));
  for (;;) {
    const [rarest, next] = columns;
    if (!rarest || !next || (rarest.a + rarest.b) * smaller >= leastExpected) break;
    columns.splice(0, 2, { a: rarest.a + next.a, b: rarest.b + next.b });
    columns.sort((one, other) => one.a + one.b - (other.a + other.b));
  }
  return { first: columns.map(({ a }) => a), second: columns.map(({ b }) => b) };
}

const steps = 10_000;
const tiny = 1e-300;

/**
 * Q(a, x), the upper incomplete gamma function over Γ(a): by its series where x is small, else by its continued fraction (Lentz). Press et al.,
 * Numerical Recipes, section 6.2.
 */
export function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let total = term;
    for (let n = 1; n < steps && Math.abs(term) > Math.abs(total) * 1e-17; n += 1) {
      term *= x / (a + n);
      total += term;
    }
    return Math.max(0, 1 - total * scale);
  }
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < steps; n += 1) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / nonZero(factor * d + b);
    c = nonZero(b + factor / c);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return Math.min(1, fraction * scale);
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
