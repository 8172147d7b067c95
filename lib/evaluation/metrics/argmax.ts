/** @returns the index of the largest of `values[offset … offset + length)`, relative to `offset`; the first of equals. */
export function argmax(values: ArrayLike<number>, offset = 0, length = values.length - offset): number {
  let best = 0;
  for (let index = 1; index < length; index += 1) {
    if ((values[offset + index] ?? -Infinity) > (values[offset + best] ?? -Infinity)) best = index;
  }
  return best;
}
