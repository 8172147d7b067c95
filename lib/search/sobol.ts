import type { Random } from '../random';

/**
 * The first 40 dimensions' primitive polynomials (their bits, the highest power first) and initial direction numbers.
 *
 * S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM Journal on Scientific
 * Computing 30 (2008), their table new-joe-kuo-6.21201. The first dimension has none.
 */
const directions: readonly (readonly [number, readonly number[]])[] = [
  [3, [1]],
  [7, [1, 3]],
  [11, [1, 3, 1]],
  [13, [1, 1, 1]],
  [19, [1, 1, 3, 3]],
  [25, [1, 3, 5, 13]],
  [37, [1, 1, 5, 5, 17]],
  [41, [1, 1, 5, 5, 5]],
  [47, [1, 1, 7, 11, 19]],
  [55, [1, 1, 5, 1, 1]],
  [59, [1, 1, 1, 3, 11]],
  [61, [1, 3, 5, 5, 31]],
  [67, [1, 3, 3, 9, 7, 49]],
  [91, [1, 1, 1, 15, 21, 21]],
  [97, [1, 3, 1, 13, 27, 49]],
  [103, [1, 1, 1, 15, 7, 5]],
  [109, [1, 3, 1, 15, 13, 25]],
  [115, [1, 1, 5, 5, 19, 61]],
  [131, [1, 3, 7, 11, 23, 15, 103]],
  [137, [1, 3, 7, 13, 13, 15, 69]],
  [143, [1, 1, 3, 13, 7, 35, 63]],
  [145, [1, 3, 5, 9, 1, 25, 53]],
  [157, [1, 3, 1, 13, 9, 35, 107]],
  [167, [1, 3, 1, 5, 27, 61, 31]],
  [171, [1, 1, 5, 11, 19, 41, 61]],
  [185, [1, 3, 5, 3, 3, 13, 69]],
  [191, [1, 1, 7, 13, 1, 19, 1]],
  [193, [1, 3, 7, 5, 13, 19, 59]],
  [203, [1, 1, 3, 9, 25, 29, 41]],
  [211, [1, 3, 5, 13, 23, 1, 55]],
  [213, [1, 3, 7, 3, 13, 59, 17]],
  [229, [1, 3, 1, 3, 5, 53, 69]],
  [239, [1, 1, 5, 5, 23, 33, 13]],
  [241, [1, 1, 7, 7, 1, 61, 123]],
  [247, [1, 1, 7, 9, 13, 61, 49]],
  [253, [1, 3, 3, 5, 3, 55, 33]],
  [285, [1, 3, 1, 15, 31, 13, 49, 245]],
  [299, [1, 3, 5, 15, 31, 59, 63, 97]],
  [301, [1, 3, 1, 11, 11, 11, 77, 249]],
];

const bits = 32;

/** Direction numbers of every dimension, `[dimension][bit]`, as numbers of 32 bits. */
const numbers: readonly Uint32Array[] = [
  Uint32Array.from({ length: bits }, (_, bit) => 2 ** (bits - 1 - bit)),
  ...directions.map(([polynomial, initial]) => directionNumbers(polynomial, initial)),
];

function directionNumbers(polynomial: number, initial: readonly number[]): Uint32Array {
  const degree = initial.length;
  const found = new Uint32Array(bits);
  for (let bit = 0; bit < bits; bit += 1) {
    if (bit < degree) {
      found[bit] = (initial[bit] ?? 0) * 2 ** (bits - 1 - bit);
      continue;
    }
    const before = found[bit - degree] ?? 0;
    let next = before ^ (before >>> degree);
    for (let k = 1; k < degree; k += 1) {
      if ((polynomial >>> (degree - k)) & 1) next ^= found[bit - k] ?? 0;
    }
    found[bit] = next;
  }
  return found;
}

/**
 * Sobol's sequence, shifted at random in its digits, which keeps its evenness (Cranley and Patterson's shift, in base 2): any
 * first 2^k points fall each into another of 2^k equal parts of every axis.
 *
 * @param count - How many numbers a point has; beyond 40 they are plain random numbers.
 * @param random - The shift depends on its seed alone; without it the points are the sequence's own.
 * @returns The point of an index from 0: numbers in (0, 1), with a shift; without one, the first point is all zeros.
 */
export function sobolSequence(count: number, random?: Random): (index: number) => Float64Array {
  const shifts = Array.from({ length: count }, (_, at) => random?.fork(`shift-${at}`));
  const masks = shifts.map((shift) => Math.floor((shift?.next() ?? 0) * 2 ** bits));
  const middle = random ? 2 ** -33 : 0;
  return (index) => {
    const gray = index ^ (index >>> 1);
    return Float64Array.from(masks, (mask, at) => {
      const columns = numbers[at];
      if (columns === undefined) return (shifts[at]?.fork(`point-${index}`).next() ?? 0) + middle;
      let point = mask;
      for (let bit = 0; gray >>> bit > 0; bit += 1) if ((gray >>> bit) & 1) point ^= columns[bit] ?? 0;
      return (point >>> 0) / 2 ** bits + middle;
    });
  };
}
