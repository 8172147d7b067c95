/** `confusion[truth][answer]`, counts. */
export type Confusion = readonly (readonly number[])[];

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

/** The share of right answers, in [0, 1]; null of no pictures at all. */
export function accuracy(confusion: Confusion): number | null {
  const pictures = pictureCount(confusion);
  return pictures === 0 ? null : rightAnswers(confusion) / pictures;
}

/** The accuracy of always answering these pictures' commonest class, in [0, 1]; null of no pictures. */
export function baselineAccuracy(confusion: Confusion): number | null {
  const pictures = pictureCount(confusion);
  return pictures === 0 ? null : Math.max(...confusion.map(sum)) / pictures;
}

/** What is counted of a class. */
export interface ClassCounts {
  /** Pictures of the class. */
  readonly pictures: number;
  /** Pictures answered so. */
  readonly answered: number;
  /** Both at once. */
  readonly right: number;
}

/** The counts of each class, in the matrix's order. */
export function classCounts(confusion: Confusion): ClassCounts[] {
  return confusion.map((row, index) => ({
    pictures: sum(row),
    answered: sum(confusion.map((other) => other[index] ?? 0)),
    right: row[index] ?? 0,
  }));
}
