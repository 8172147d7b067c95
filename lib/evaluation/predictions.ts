import { predictionSchema, type Prediction } from '../../contracts/schemas/evaluation';
import type { PredictionsRef } from '../../contracts/refs';
import { encodeLines, readLines } from '../storage/json-lines';
import type { Store } from '../storage/store';

/** Decimal digits that tell any two 32-bit floats apart. */
const digits = 9;
/** Of many classes, all of them together would be longer than a string may be. */
const linesAtOnce = 1000;

/**
 * `predictions.jsonl`: what a model said of each picture, so that two models can be compared picture by picture.
 *
 * @param probabilities - `[pictures, classes]`
 */
export function encodePredictions(
  pictures: readonly string[],
  truth: Int32Array,
  probabilities: Float32Array,
): Buffer {
  const classes = probabilities.length / Math.max(1, pictures.length);
  const parts: Buffer[] = [];
  for (let from = 0; from < pictures.length; from += linesAtOnce) {
    const lines = pictures.slice(from, from + linesAtOnce).map((picture, index): Prediction => {
      const at = from + index;
      const row = probabilities.subarray(at * classes, (at + 1) * classes);
      return {
        ...{ picture, truth: truth[at] ?? 0 },
        probabilities: Array.from(row, (value) => Number(value.toPrecision(digits))),
      };
    });
    parts.push(encodeLines(lines));
  }
  return Buffer.concat(parts);
}

/** @throws Failure as `readRef`; Error where a line is of another version of Drover */
export async function readPredictions(store: Store, ref: PredictionsRef): Promise<Prediction[]> {
  return readLines(store, ref, predictionSchema);
}
