/** A square matrix, row by row. */
export type Square = Float64Array;

/**
 * The lower triangle L of A = L Lᵀ; what is above its diagonal is 0.
 *
 * @returns undefined where A is not positive definite in double precision.
 */
export function cholesky(matrix: Square, n: number): Square | undefined {
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * n + column] ?? 0;
      const [one, other] = [row * n, column * n];
      for (let k = 0; k < column; k += 1) sum -= (lower[one + k] ?? 0) * (lower[other + k] ?? 0);
      if (column < row) lower[one + column] = sum / (lower[other + column] ?? 0);
      else if (sum > 0) lower[one + row] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return lower;
}

/** x with L x = b. */
export function solveLower(lower: Square, n: number, b: Float64Array): Float64Array {
  const x = new Float64Array(n);
  for (let row = 0; row < n; row += 1) {
    let sum = b[row] ?? 0;
    const at = row * n;
    for (let k = 0; k < row; k += 1) sum -= (lower[at + k] ?? 0) * (x[k] ?? 0);
    x[row] = sum / (lower[at + row] ?? 0);
  }
  return x;
}

/** x with Lᵀ x = b. */
export function solveUpper(lower: Square, n: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let row = n - 1; row >= 0; row -= 1) {
    const at = row * n;
    const value = (x[row] ?? 0) / (lower[at + row] ?? 0);
    x[row] = value;
    // By rows, as the matrix lies in memory.
    for (let k = 0; k < row; k += 1) x[k] = (x[k] ?? 0) - (lower[at + k] ?? 0) * value;
  }
  return x;
}

/** The inverse of L Lᵀ, both triangles. */
export function inverseOf(lower: Square, n: number): Square {
  // The rows of `turned` are the columns of L⁻¹.
  const turned = new Float64Array(n * n);
  for (let column = 0; column < n; column += 1) {
    const at = column * n;
    turned[at + column] = 1 / (lower[at + column] ?? 0);
    for (let row = column + 1; row < n; row += 1) {
      let sum = 0;
      const from = row * n;
      for (let k = column; k < row; k += 1) sum -= (lower[from + k] ?? 0) * (turned[at + k] ?? 0);
      turned[at + row] = sum / (lower[from + row] ?? 0);
    }
  }
  const inverse = new Float64Array(n * n);
  for (let row = 0; row < n; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = 0;
      for (let k = row; k < n; k += 1) sum += (turned[row * n + k] ?? 0) * (turned[column * n + k] ?? 0);
      inverse[row * n + column] = sum;
      inverse[column * n + row] = sum;
    }
  }
  return inverse;
}

export function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
