/**
 * Losses with mean 0 and deviation 1, with the bad ones drawn together where they lie far out, so that one very bad trial
 * doesn't make all others look the same.
 *
 * The transformation is Yeo and Johnson's ("A new family of power transformations to improve normality or symmetry", 2000),
 * its exponent the likeliest one from 0 to 1. Above 1 the good losses would be drawn together; below 0, harder than by a
 * logarithm, the bad ones come to look so alike that the process is sure of all that it hasn't seen, and a search can stay for
 * good at the first minimum that it finds. What is less stays less.
 */
export function warp(losses: readonly number[]): Float64Array {
  const plain = standardise(losses);
  let best = { likelihood: likelihoodOf(plain, 1), exponent: 1 };
  for (let tenths = 0; tenths < 10; tenths += 1) {
    const exponent = tenths / 10;
    const likelihood = likelihoodOf(plain, exponent);
    if (likelihood > best.likelihood) best = { likelihood, exponent };
  }
  return best.exponent === 1 ? plain : standardise(plain.map((value) => power(value, best.exponent)));
}

function standardise(values: ArrayLike<number>): Float64Array {
  const given = Float64Array.from(values);
  const mean = given.reduce((sum, value) => sum + value, 0) / given.length;
  const deviation = Math.sqrt(given.reduce((sum, value) => sum + (value - mean) ** 2, 0) / given.length);
  return given.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

function power(value: number, exponent: number): number {
  if (value < 0) return -((1 - value) ** (2 - exponent) - 1) / (2 - exponent);
  return exponent === 0 ? Math.log1p(value) : ((1 + value) ** exponent - 1) / exponent;
}

/** The logarithm of the profile likelihood of an exponent, less a constant. */
function likelihoodOf(values: Float64Array, exponent: number): number {
  const n = values.length;
  const powered = values.map((value) => power(value, exponent));
  const mean = powered.reduce((sum, value) => sum + value, 0) / n;
  const variance = powered.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const stretch = values.reduce((sum, value) => sum + Math.sign(value) * Math.log1p(Math.abs(value)), 0);
  return (-n / 2) * Math.log(Math.max(variance, 1e-300)) + (exponent - 1) * stretch;
}
