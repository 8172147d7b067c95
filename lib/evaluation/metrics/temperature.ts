import { setImmediate } from 'node:timers/promises';
import { requireShape, type Answers } from './answers';

/** Where temperatures are looked for: beyond, the pictures don't determine one. */
const range = { coldest: 1 / 20, hottest: 20 };
/** Halvings of the range: to the last digit. */
const steps = 60;

/** ln of the least 32-bit float above 0: what is known of a probability that was rounded to 0. */
const leastLog = -149 * Math.LN2;

/**
 * The temperature T that makes softmax(z / T) likeliest, z being the logits: what they are divided by. Logits are known but
 * for a constant as ln p, which softmax doesn't see. The mean NLL is convex in 1 / T, so its slope, which rises with 1 / T,
 * is halved down to its one root. Guo et al., 2017, section 4.2; to be fitted on pictures that are not judged by it.
 *
 * @returns null where there are no pictures, or the best lies outside 1/20 to 20: all answers are right, or say nothing
 * @throws RangeError where the shapes don't agree; the signal's reason
 */
export async function fitTemperature(answers: Answers, signal?: AbortSignal): Promise<number | null> {
  requireShape(answers);
  if (answers.truth.length === 0) return null;
  const logits = Float64Array.from({ length: answers.probabilities.length }, (_, at) =>
    Math.max(leastLog, Math.log(answers.probabilities[at] ?? 0)),
  );
  const slope = (inverse: number) => slopeAt(logits, answers, inverse);
  let [low, high] = [1 / range.hottest, 1 / range.coldest];
  // Strictly: a slope of 0 everywhere is that of answers which say nothing.
  if (!(slope(low) < 0) || !(slope(high) > 0)) return null;
  for (let step = 0; step < steps; step += 1) {
    // Of many pictures a step takes a while, and heartbeats want their turn.
    await setImmediate();
    signal?.throwIfAborted();
    const middle = Math.sqrt(low * high);
    if (slope(middle) < 0) low = middle;
    else high = middle;
  }
  return 1 / Math.sqrt(low * high);
}

/** The derivative of the summed NLL by 1 / T: expected minus true logit. */
function slopeAt(logits: Float64Array, { truth, classes }: Answers, inverse: number): number {
  let slope = 0;
  for (let picture = 0; picture < truth.length; picture += 1) {
    const from = picture * classes;
    let largest = -Infinity;
    for (let index = 0; index < classes; index += 1) largest = Math.max(largest, logits[from + index] ?? 0);
    let [total, expected] = [0, 0];
    for (let index = 0; index < classes; index += 1) {
      const logit = logits[from + index] ?? 0;
      const weight = Math.exp((logit - largest) * inverse);
      total += weight;
      expected += weight * logit;
    }
    slope += expected / total - (logits[from + (truth[picture] ?? 0)] ?? 0);
  }
  return slope;
}

/**
 * The probabilities that a temperature gives.
 *
 * @returns `[pictures, classes]`; each row adds up to 1
 */
export function withTemperature(
  probabilities: ArrayLike<number>,
  classes: number,
  temperature: number,
): Float64Array {
  const scaled = new Float64Array(probabilities.length);
  for (let from = 0; from < scaled.length; from += classes) {
    let largest = -Infinity;
    for (let index = from; index < from + classes; index += 1) {
      const logit = Math.max(leastLog, Math.log(probabilities[index] ?? 0)) / temperature;
      scaled[index] = logit;
      largest = Math.max(largest, logit);
    }
    let total = 0;
    for (let index = from; index < from + classes; index += 1) {
      const weight = Math.exp((scaled[index] ?? 0) - largest);
      scaled[index] = weight;
      total += weight;
    }
    for (let index = from; index < from + classes; index += 1) scaled[index] = (scaled[index] ?? 0) / total;
  }
  return scaled;
}
