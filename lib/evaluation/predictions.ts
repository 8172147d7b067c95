import { setImmediate } from 'node:timers/promises';
import { predictionSchema, type Prediction } from '../../contracts/schemas/evaluation';
import type { PredictionsRef } from '../../contracts/refs';
import { decodeLines, encodeLines } from '../storage/json-lines';
import { readRef, requireStoreKey } from '../storage/refs';
import type { Store } from '../storage/store';

/** Decimal digits that tell any two 32-bit floats apart. */
const digits = 9;
/**
 * Of many classes, all of them together would be longer than a string may be; and to write or read them takes a while, during which
 * heartbeats want their turn.
 */
const numbersAtOnce = 100_000;
const bytesAtOnce = 1_500_000;

/**
 * `predictions.jsonl`: what a model said of each picture, so that two models can be compared picture by picture.
 *
 * @param probabilities - `[pictures, classes]`
 * @throws the signal's reason
 */
export async function encodePredictions(
  pictures: readonly string[],
  truth: Int32Array,
  probabilities: Float32Array,
  signal?: AbortSignal,
): Promise<Buffer> {
  const classes = probabilities.length / Math.max(1, pictures.length);
  const linesAtOnce = Math.max(1, Math.floor(numbersAtOnce / Math.max(1, classes)));
  const parts: Buffer[] = [];
  for (let from = 0; from < pictures.length; from += linesAtOnce) {
    await setImmediate();
    signal?.throwIfAborted();
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
  const bytes = await readRef(store, ref);
  const predictions: Prediction[] = [];
  for (let from = 0; from < bytes.length;) {
    await setImmediate();
    const end = bytes.indexOf(10, from + bytesAtOnce);
    const to = end === -1 ? bytes.length : end + 1;
    const name = `${requireStoreKey(ref)} from byte ${from} on`;
    predictions.push(...decodeLines(bytes.subarray(from, to), predictionSchema, name));
    from = to;
  }
  return predictions;
}
