/** `confusion[truth][answer]`, counts. */
export type Confusion = readonly (readonly number[])[];

/** @returns the index of the largest of `values[offset … offset + length)`, relative to `offset`; the first of equals. */
export function argmax(values: ArrayLike<number>, offset = 0, length = values.length - offset): number {
  let best = 0;
  for (let index = 1; index < length; index += 1) {
    if ((values[offset + index] ?? -Infinity) > (values[offset + best] ?? -Infinity)) best = index;
  }
  return best;
}

/**
 * @param truth - Class indices, each in [0, classes).
 * @param answers - Class indices in the same order.
 * @throws RangeError where the two differ in length or an index is no class.
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): number[][] {
  if (truth.length !== answers.length) {
    throw new RangeError(`${truth.length} labels cannot be compared with ${answers.length} answers`);
  }
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < truth.length; index += 1) {
    const row = confusion[truth[index] ?? -1];
    const column = answers[index] ?? -1;
    const count = row?.[column];
    if (row === undefined || count === undefined) {
      throw new RangeError(`picture ${index} has a class outside 0 to ${classes - 1}`);
    }
    row[column] = count + 1;
  }
  return confusion;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Pictures in a confusion matrix. */
export function pictureCount(confusion: Confusion): number {
  return sum(confusion.map(sum));
}

/** The number of right answers in a confusion matrix. */
export function rightAnswers(confusion: Confusion): number {
  return sum(confusion.map((row, index) => row[index] ?? 0));
}

/** The share of right answers, in [0, 1]; NaN of no pictures at all. */
export function accuracy(confusion: Confusion): number {
  return rightAnswers(confusion) / pictureCount(confusion);
}

/** The accuracy of always answering these pictures' commonest class, in [0, 1]; NaN of no pictures. */
export function baselineAccuracy(confusion: Confusion): number {
  return Math.max(...confusion.map(sum)) / pictureCount(confusion);
}

export interface ClassFigures {
  /** Pictures that are of this class. */
  readonly pictures: number;
  /** Of the answers "this class", the share that is right; null where there was no such answer. */
  readonly precision: number | null;
  /** Of the pictures of this class, the share answered so; null where there is none. */
  readonly recall: number | null;
}

/** Precision and recall of each class, in the matrix's order. */
export function classFigures(confusion: Confusion): ClassFigures[] {
  return confusion.map((row, index) => {
    const right = row[index] ?? 0;
    const pictures = sum(row);
    const answered = sum(confusion.map((other) => other[index] ?? 0));
    return {
      pictures,
      precision: answered === 0 ? null : right / answered,
      recall: pictures === 0 ? null : right / pictures,
    };
  });
}

/**
 * Mean of −ln p(true class). Probabilities are held above the step of 32-bit floats at 1 (2⁻²³), so that one
 * confident mistake is dear but not infinite; scikit-learn's `log_loss` does the same.
 *
 * @param probabilities - `[count, classes]`, row after row.
 * @param truth - `[count]`, indices into the classes.
 * @throws RangeError where the shapes don't agree.
 */
export function logLoss(probabilities: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  if (probabilities.length !== truth.length * classes) {
    throw new RangeError(
      `${probabilities.length} probabilities are not ${truth.length} pictures × ${classes} classes`,
    );
  }
  let total = 0;
  for (let index = 0; index < truth.length; index += 1) {
    const probability = probabilities[index * classes + (truth[index] ?? 0)] ?? 0;
    total -= Math.log(Math.max(probability, 2 ** -23));
  }
  return total / truth.length;
}

/**
 * The score interval of a binomial proportion: E. B. Wilson, "Probable inference, the law of succession, and
 * statistical inference", Journal of the American Statistical Association 22 (1927), 209–212.
 *
 * @param z - Standard normal quantile; the default is that of 95 %.
 * @returns lower and upper bound, within [0, 1]; [0, 1] where nothing was tried.
 */
export function wilsonInterval(successes: number, trials: number, z = 1.959963984540054): [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const square = (z * z) / trials;
  const middle = share + square / 2;
  const reach = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  return [
    successes === 0 ? 0 : Math.max(0, (middle - reach) / (1 + square)),
    successes === trials ? 1 : Math.min(1, (middle + reach) / (1 + square)),
  ];
}
