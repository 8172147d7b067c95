import type { Random } from '../random';
import type { createTurns } from './turns';

/** Rounds of the iteration: the last of the wanted directions is found to a few per cent, which is enough. */
const rounds = 2;
/** Directions with less than this share of the first one's spread are rounding. */
const least = 1e-6;

export interface Whitened {
  /** Directions kept; fewer than wanted where the rows spread in fewer. */
  readonly width: number;
  /** `[count, width]`: columns of mean 0 and variance 1 that don't correlate. */
  readonly values: Float64Array;
}

/**
 * Rows in coordinates of equal spread, in the directions in which they spread most: the orthonormal basis that randomised subspace iteration
 * finds for the centred matrix (Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithm 4.4). No
 * label is looked at.
 *
 * @param matrix - `[count, dimensions]`
 * @param width - Directions wanted.
 */
export async function whitened(
  matrix: Float32Array,
  dimensions: number,
  width: number,
  { random, turn }: { readonly random: Random; readonly turn: ReturnType<typeof createTurns> },
): Promise<Whitened> {
  const count = matrix.length / dimensions;
  const centred = centre(matrix, count, dimensions);
  const wanted = Math.min(width, dimensions, count - 1);
  /** Kept by columns, as is every basis here. */
  let directions: Float64Array[] = Array.from({ length: wanted }, () =>
    Float64Array.from({ length: dimensions }, () => random.normal()),
  );
  let basis: Float64Array[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    basis = [];
    for (const direction of directions) {
      basis.push(times(centred, count, dimensions, direction));
      await turn();
    }
    basis = orthonormal(basis);
    if (round === rounds) break;
    const back: Float64Array[] = [];
    for (const column of basis) {
      back.push(transposedTimes(centred, count, dimensions, column));
      await turn();
    }
    directions = orthonormal(back);
  }
  const values = new Float64Array(count * basis.length);
  const scale = Math.sqrt(count);
  basis.forEach((column, at) => {
    for (let row = 0; row < count; row += 1) values[row * basis.length + at] = (column[row] ?? 0) * scale;
  });
  return { width: basis.length, values };
}

function centre(matrix: Float32Array, count: number, dimensions: number): Float64Array {
  const means = new Float64Array(dimensions);
  for (let at = 0; at < matrix.length; at += 1) {
    means[at % dimensions] = (means[at % dimensions] ?? 0) + (matrix[at] ?? 0) / count;
  }
  return Float64Array.from(matrix, (value, at) => value - (means[at % dimensions] ?? 0));
}

function times(matrix: Float64Array, count: number, dimensions: number, vector: Float64Array): Float64Array {
  const product = new Float64Array(count);
  for (let row = 0, at = 0; row < count; row += 1) {
    let sum = 0;
    for (let column = 0; column < dimensions; column += 1, at += 1)
      sum += (matrix[at] ?? 0) * (vector[column] ?? 0);
    product[row] = sum;
  }
  return product;
}

function transposedTimes(
  matrix: Float64Array,
  count: number,
  dimensions: number,
  vector: Float64Array,
): Float64Array {
  const product = new Float64Array(dimensions);
  for (let row = 0, at = 0; row < count; row += 1) {
    const by = vector[row] ?? 0;
    for (let column = 0; column < dimensions; column += 1, at += 1) {
      product[column] = (product[column] ?? 0) + by * (matrix[at] ?? 0);
    }
  }
  return product;
}

/** Gram and Schmidt, twice over each column, against rounding; what hardly differs from those before is left out. */
function orthonormal(columns: readonly Float64Array[]): Float64Array[] {
  const kept: Float64Array[] = [];
  const largest = Math.max(...columns.map(lengthOf));
  for (const column of columns) {
    for (let pass = 0; pass < 2; pass += 1) {
      for (const other of kept) {
        let along = 0;
        for (let at = 0; at < column.length; at += 1) along += (column[at] ?? 0) * (other[at] ?? 0);
        for (let at = 0; at < column.length; at += 1)
          column[at] = (column[at] ?? 0) - along * (other[at] ?? 0);
      }
    }
    const length = lengthOf(column);
    if (length > largest * least) kept.push(column.map((value) => value / length));
  }
  return kept;
}

function lengthOf(column: Float64Array): number {
  let sum = 0;
  for (const value of column) sum += value * value;
  return Math.sqrt(sum);
}
