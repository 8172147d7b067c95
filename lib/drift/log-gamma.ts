/** Lanczos' coefficients for g = 7 and nine terms, as in Numerical Recipes and the GNU Scientific Library. */
const coefficients = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

/**
 * ln Γ(x) for x > 0, to some 15 digits: C. Lanczos, "A precision approximation of the gamma function", SIAM Journal on Numerical
 * Analysis 1 (1964).
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = coefficients[0] ?? 0;
  for (let at = 1; at < coefficients.length; at += 1) sum += (coefficients[at] ?? 0) / (x - 1 + at);
  const base = x - 1 + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}

/** ln of n over k. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
