import { logGamma } from './log-gamma';

/**
 * The standard normal distribution's quantile function, right to about 16 digits.
 *
 * Michael J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
 * Applied Statistics 37 (1988), routine PPND16.
 *
 * @param p - In (0, 1).
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central.over, r)) / polynomial(central.under, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const tail = r <= 5 ? middle : far;
  const shifted = r <= 5 ? r - 1.6 : r - 5;
  const x = polynomial(tail.over, shifted) / polynomial(tail.under, shifted);
  return q < 0 ? -x : x;
}

/** Coefficients from the constant term upwards. */
const central = {
  over: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  under: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852545925,
  ],
};
const middle = {
  over: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  under: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
};
const far = {
  over: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  under: [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
};

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * The beta distribution's quantile function, by bisection of {@link betaCdf}; right to about 1e-15.
 *
 * @param a - Above 0.
 * @param b - Above 0.
 * @param p - In (0, 1).
 */
export function betaQuantile(a: number, b: number, p: number): number {
  const logB = logBeta(a, b);
  let [low, high] = [0, 1];
  for (;;) {
    const x = (low + high) / 2;
    if (high - low < 1e-15 || x === low || x === high) return x;
    if (incompleteBeta(a, b, x, logB) < p) low = x;
    else high = x;
  }
}

/** The regularised incomplete beta function I_x(a, b): the share of draws from Beta(a, b) below x. */
export function betaCdf(a: number, b: number, x: number): number {
  return incompleteBeta(a, b, x, logBeta(a, b));
}

/** The continued fraction of DLMF 8.17.22, evaluated with Lentz's method. */
function incompleteBeta(a: number, b: number, x: number, logB: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side; the other follows by symmetry (DLMF 8.17.4).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x, logB);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logB) / a;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return Math.min(1, front * fraction);
}

function nonZero(x: number): number {
  const tiny = 1e-300;
  return x > -tiny && x < tiny ? tiny : x;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}
