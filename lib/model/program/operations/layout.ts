import { reshape, pad, slice } from '../../../tensorflow/operations/arithmetic';
import type { Operation } from '../operation';

const fixed = { variables: [], statistics: [], dispose: () => undefined } as const;

/** @param shape - Of one example. */
export function reshaping(name: string, shape: readonly number[]): Operation {
  return {
    ...fixed,
    name,
    forward([value]) {
      if (value === undefined) throw new Error(`${name} reads one tensor`);
      return {
        output: reshape(value, [value.shape[0] ?? 0, ...shape]),
        backward: (gradient) => [reshape(gradient, value.shape)],
      };
    },
  };
}

/** Zeros around pictures: rows before and after, columns before and after. */
export function zeroPadding(
  name: string,
  [rows, columns]: readonly [readonly [number, number], readonly [number, number]],
): Operation {
  return {
    ...fixed,
    name,
    forward([images]) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      return {
        output: pad(images, [[0, 0], rows, columns, [0, 0]]),
        backward: (gradient) => [slice(gradient, [0, rows[0], columns[0], 0], images.shape)],
      };
    },
  };
}
