/** The squared Euclidean distance of two rows of matrices with `width` columns. */
export function squaredDistance(
  first: Float32Array,
  row: number,
  second: Float32Array,
  other: number,
  width: number,
): number {
  const [from, to] = [row * width, other * width];
  let sum = 0;
  for (let at = 0; at < width; at += 1) {
    const gap = (first[from + at] ?? 0) - (second[to + at] ?? 0);
    sum += gap * gap;
  }
  return sum;
}
