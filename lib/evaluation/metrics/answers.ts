/** What a model said of some pictures, and what they are: all that the metrics look at. */
export interface Answers {
  /** `[pictures, classes]`, row after row. */
  readonly probabilities: ArrayLike<number>;
  /** `[pictures]`: each an index into the classes. */
  readonly truth: ArrayLike<number>;
  readonly classes: number;
}

/** @throws RangeError where the shapes don't agree, or a truth is no class */
export function requireShape({ probabilities, truth, classes }: Answers): void {
  if (probabilities.length !== truth.length * classes) {
    throw new RangeError(
      `${probabilities.length} probabilities are not ${truth.length} pictures × ${classes} classes`,
    );
  }
  for (let picture = 0; picture < truth.length; picture += 1) {
    const of = truth[picture] ?? -1;
    if (!Number.isInteger(of) || of < 0 || of >= classes) {
      throw new RangeError(`picture ${picture} has a class outside 0 to ${classes - 1}`);
    }
  }
}

/** The mean, or null of nothing. */
export function meanOf(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let total = 0;
  for (const value of Array.from(values)) total += value;
  return total / values.length;
}
