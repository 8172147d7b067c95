import { predictionSchema, type Prediction } from '../../contracts/schemas/evaluation';
import type { PredictionsRef } from '../../contracts/refs';
import { encodeLines, readLines } from '../storage/json-lines';
import type { Store } from '../storage/store';

/** Decimal digits that tell any two 32-bit floats apart. */
const digits = 9;

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
  return encodeLines(
    pictures.map((picture, at): Prediction => ({
      picture,
      truth: truth[at] ?? 0,
      probabilities: Array.from(probabilities.subarray(at * classes, (at + 1) * classes), (value) =>
        Number(value.toPrecision(digits)),
      ),
    })),
  );
}

/** @throws Failure as `readRef`; Error where a line is of another version of Drover */
export async function readPredictions(store: Store, ref: PredictionsRef): Promise<Prediction[]> {
  return readLines(store, ref, predictionSchema);
}
