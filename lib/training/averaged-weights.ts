import { free, scalar } from '../tensorflow/handles';
import { add, mul, sub } from '../tensorflow/operations/arithmetic';
import { createVariable, readAll, type Variable } from '../tensorflow/variables';

/**
 * The weights' exponential moving average (Polyak and Juditsky, 1992), over steps. In the first steps it follows faster,
 * as TensorFlow's own does, so that the random start is soon forgotten. Batch norm's statistics are averaged with the
 * weights: those of the newest weights would not fit.
 */
export interface AveragedWeights {
  readonly slots: readonly Variable[];
  /** @param step - From 1. */
  update(step: number): void;
  /** In the variables' order. */
  values(): Float32Array;
}

/** @param decay - What is kept of the average in each step, in [0, 1). */
export function createAveragedWeights(variables: readonly Variable[], decay: number): AveragedWeights {
  const slots = variables.map((variable) =>
    createVariable(`${variable.name}/average`, variable.values(), variable.shape),
  );
  return {
    slots,
    update(step) {
      const part = scalar(1 - Math.min(decay, (1 + step) / (10 + step)));
      slots.forEach((slot, at) => {
        const variable = variables[at];
        if (variable === undefined) throw new Error('one average for each variable');
        const [average, value] = [slot.read(), variable.read()];
        const difference = sub(value, average);
        const change = mul(difference, part);
        const next = add(average, change);
        free(average, value, difference, change);
        slot.assign(next);
        free(next);
      });
      free(part);
    },
    values: () => readAll(slots),
  };
}
