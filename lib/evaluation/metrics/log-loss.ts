import { meanOf, requireShape, type Answers } from './answers';

/** The step of 32-bit floats at 1. */
const least = 2 ** -23;

/**
 * −ln p(true class) of each picture. Probabilities are held above the step of 32-bit floats at 1 (2⁻²³), so that one
 * confident mistake is dear but not infinite; scikit-learn's `log_loss` of such floats does the same.
 *
 * @throws RangeError where the shapes don't agree.
 */
export function pictureLosses(answers: Answers): Float64Array {
  requireShape(answers);
  const { probabilities, truth, classes } = answers;
  return Float64Array.from(truth, (of, picture) => {
    return -Math.log(Math.max(probabilities[picture * classes + of] ?? 0, least));
  });
}

/** The mean of {@link pictureLosses}; null of no pictures. */
export function logLoss(answers: Answers): number | null {
  return meanOf(pictureLosses(answers));
}
