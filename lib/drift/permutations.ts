import type { Random } from '../random';

/**
 * The p value of a permutation test, the observed order being one of them: B. Phipson and G. K. Smyth, "Permutation p-values should never be
 * zero", Statistical Applications in Genetics and Molecular Biology 9 (2010).
 *
 * @param atLeast - Of the permutations, how many gave as much as was observed.
 */
export function permutationP(atLeast: number, permutations: number): number {
  return (1 + atLeast) / (1 + permutations);
}

/** Puts `many` items drawn at random, without replacement, first: the rest is in some order (Fisher and Yates). */
export function drawFirst(items: Int32Array, many: number, random: Random): void {
  for (let at = 0; at < many; at += 1) {
    const other = at + random.int(items.length - at);
    const kept = items[at] ?? 0;
    items[at] = items[other] ?? 0;
    items[other] = kept;
  }
}

/** So many of `count` places, drawn without replacement, ascending; all of them where there are no more. */
export function drawPlaces(count: number, many: number, random: Random): number[] {
  const places = Int32Array.from({ length: count }, (_, place) => place);
  if (many >= count) return Array.from(places);
  drawFirst(places, many, random);
  return Array.from(places.subarray(0, many)).sort((a, b) => a - b);
}

/** Equal but for rounding: a permutation that gives the observed groups again counts as much as them, whatever the order of adding. */
export const rounding = 1e-12;
