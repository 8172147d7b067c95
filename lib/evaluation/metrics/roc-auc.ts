import { requireShape, type Answers } from './answers';

/** A class's probabilities in ascending order, sorted once and counted as often as one likes. */
export interface Ranking {
  /** Pictures, by ascending probability of the class. */
  readonly order: Int32Array;
  /** `[pictures]`, by place in `order`: 1 where the probability differs from the next one's, so that a group of ties ends. */
  readonly endsTie: Uint8Array;
  /** `[pictures]`, by place in `order`: 1 where the picture is of the class. */
  readonly isOfClass: Uint8Array;
}

/** @throws RangeError where the shapes don't agree */
export function rankBy(answers: Answers, index: number): Ranking {
  requireShape(answers);
  const { probabilities, truth, classes } = answers;
  const score = (picture: number) => probabilities[picture * classes + index] ?? 0;
  const order = Int32Array.from(truth, (_, picture) => picture).sort((a, b) => score(a) - score(b));
  return {
    order,
    endsTie: Uint8Array.from(order, (picture, at) =>
      at + 1 === order.length || score(order[at + 1] ?? 0) !== score(picture) ? 1 : 0,
    ),
    isOfClass: Uint8Array.from(order, (picture) => (truth[picture] === index ? 1 : 0)),
  };
}

/**
 * The area under the ROC curve: the probability that a picture of the class has a higher score than another picture, ties
 * counting half (the statistic of Mann and Whitney, 1947).
 *
 * @param weights - `[pictures]`: how often each picture counts; once where left out
 * @returns null where either side has no picture
 */
export function areaUnderRoc(
  { order, endsTie, isOfClass }: Ranking,
  weights?: ArrayLike<number>,
): number | null {
  let [ofClass, others, pairs] = [0, 0, 0];
  let [tiedOfClass, tiedOthers] = [0, 0];
  for (let at = 0; at < order.length; at += 1) {
    const weight = weights === undefined ? 1 : (weights[order[at] ?? 0] ?? 0);
    if (isOfClass[at] === 1) tiedOfClass += weight;
    else tiedOthers += weight;
    if (endsTie[at] === 0) continue;
    pairs += tiedOfClass * (others + tiedOthers / 2);
    ofClass += tiedOfClass;
    others += tiedOthers;
    [tiedOfClass, tiedOthers] = [0, 0];
  }
  return ofClass === 0 || others === 0 ? null : pairs / (ofClass * others);
}

/** The mean of those that are defined; null where none is. Macro averaging of classes, each against the rest. */
export function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}
