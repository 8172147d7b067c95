import { meanOf, requireShape, type Answers } from './answers';

/**
 * The squared distance of each picture's probabilities from its truth (1 for its class, 0 for the others), summed over all
 * classes: in [0, 2].
 *
 * @throws RangeError where the shapes don't agree
 */
export function squaredDistances(answers: Answers): Float64Array {
  requireShape(answers);
  const { probabilities, truth, classes } = answers;
  return Float64Array.from(truth, (of, picture) => {
    let total = 0;
    for (let index = 0; index < classes; index += 1) {
      const gap = (probabilities[picture * classes + index] ?? 0) - (index === of ? 1 : 0);
      total += gap * gap;
    }
    return total;
  });
}

/**
 * The mean of {@link squaredDistances}; null of no pictures. G. W. Brier, "Verification of forecasts expressed in terms of
 * probability", Monthly Weather Review 78 (1950): his own score, which is twice what is usual for two classes.
 */
export function brierScore(answers: Answers): number | null {
  return meanOf(squaredDistances(answers));
}
