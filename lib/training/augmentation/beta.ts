import type { Random } from '../../random';

/**
 * A number in [0, 1] from Beta(α, β): X / (X + Y) of two gamma variates. Taken by their logarithms, so that small α and β,
 * whose variates are too small for a double, give 0 and 1 rather than 0 / 0.
 */
export function drawBeta(alpha: number, beta: number, random: Random): number {
  const difference = drawLogGamma(beta, random) - drawLogGamma(alpha, random);
  return 1 / (1 + Math.exp(difference));
}

/**
 * The logarithm of a number from Gamma(shape, 1), by Marsaglia and Tsang, "A simple method for generating gamma
 * variables" (2000); below 1 by their Gamma(shape + 1) · U^(1 / shape).
 */
function drawLogGamma(shape: number, random: Random): number {
  // (0, 1], whose logarithm is finite.
  const uniform = (): number => 1 - random.next();
  if (shape < 1) return drawLogGamma(shape + 1, random) + Math.log(uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = random.normal();
    const v = (1 + c * normal) ** 3;
    if (v > 0 && Math.log(uniform()) <= (normal * normal) / 2 + d - d * v + d * Math.log(v)) {
      return Math.log(d) + Math.log(v);
    }
  }
}
