/** ln √(2π). */
const logRoot = Math.log(2 * Math.PI) / 2;

/** The standard normal density. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2 - logRoot);
}

/**
 * The share of the standard normal distribution below x, right to some 14 digits, in the lower tail too.
 *
 * Its middle is the Taylor series of Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11
 * (2004); its tails are Laplace's continued fraction (DLMF 7.9.3).
 */
export function normalCdf(x: number): number {
  if (x < -2) return normalDensity(x) / (tailFraction(-x) - x);
  if (x > 2) return 1 - normalCdf(-x);
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-17; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

/**
 * K in 1 − Φ(t) = φ(t) / (t + K), for t ≥ 2: 1/(t + 2/(t + 3/(t + …))), from so deep that what is left out is less than
 * 1e-15 of it.
 */
function tailFraction(t: number): number {
  let rest = t;
  for (let k = 30 + Math.ceil(600 / (t * t)); k >= 2; k -= 1) rest = t + k / rest;
  return 1 / rest;
}

export interface LogImprovement {
  readonly value: number;
  /** Of the value by z. */
  readonly slope: number;
}

/**
 * ln(φ(z) + z Φ(z)): the logarithm of the expected improvement of a normal variable with standard deviation 1 whose mean is z
 * better than the best. Finite where the improvement itself is 0 in double precision (Ament, Daulton, Eriksson, Balandat and
 * Bakshy, "Unexpected Improvements to Expected Improvement for Bayesian Optimization", 2023). Below −2 it takes the continued
 * fraction of Φ, in which the two terms' difference is φ(z) K / (t + K), with nothing cancelled.
 */
export function logImprovement(z: number): LogImprovement {
  if (z < -2) {
    const k = tailFraction(-z);
    return { value: (-z * z) / 2 - logRoot + Math.log(k / (k - z)), slope: 1 / k };
  }
  const below = normalCdf(z);
  const improvement = normalDensity(z) + z * below;
  return { value: Math.log(improvement), slope: below / improvement };
}
