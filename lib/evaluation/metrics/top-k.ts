import { meanOf, requireShape, type Answers } from './answers';

/**
 * The place of each picture's class among its answers, 0 being the likeliest. Of equal probabilities the class that comes
 * first is first, as in the answer itself.
 *
 * @throws RangeError where the shapes don't agree
 */
export function ranksOfTruth(answers: Answers): Int32Array {
  requireShape(answers);
  const { probabilities, truth, classes } = answers;
  return Int32Array.from(truth, (of, picture) => {
    const own = probabilities[picture * classes + of] ?? 0;
    let before = 0;
    for (let index = 0; index < classes; index += 1) {
      const other = probabilities[picture * classes + index] ?? 0;
      if (other > own || (other === own && index < of)) before += 1;
    }
    return before;
  });
}

/** The share of pictures whose class is among the k likeliest answers; null of no pictures. */
export function topKAccuracy(ranks: Int32Array, k: number): number | null {
  return meanOf(Float64Array.from(ranks, (rank) => (rank < k ? 1 : 0)));
}
