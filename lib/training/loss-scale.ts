import { createVariable, type Variable } from '../tensorflow/variables';

/** Steps without an overflow after which the scale is doubled. */
const patience = 2000;
const first = 2 ** 15;

/**
 * The dynamic loss scale of half precision (Micikevicius et al., "Mixed Precision Training", 2018): gradients are computed
 * that much larger, so that small ones don't vanish; a step whose gradient overflows is left out, and the scale halved.
 */
export interface LossScale {
  readonly isUsed: boolean;
  /** The scale and the steps since it was changed, kept with the weights. */
  readonly state: Variable;
  value(): number;
  /**
   * @param norm - The gradient's length, by which an overflow is known.
   * @returns whether the step can be taken.
   */
  heard(norm: number | undefined): boolean;
}

export function createLossScale(isUsed: boolean): LossScale {
  const state = createVariable('loss_scale', Float32Array.of(isUsed ? first : 1, 0), [2]);
  const read = (): readonly [number, number] => {
    const [scale = 1, steps = 0] = state.values();
    return [scale, steps];
  };
  return {
    isUsed,
    state,
    value: () => (isUsed ? read()[0] : 1),
    heard(norm) {
      if (!isUsed) return true;
      const [scale, steps] = read();
      if (!Number.isFinite(norm)) {
        state.set(Float32Array.of(Math.max(1, scale / 2), 0));
        return false;
      }
      const grown = steps + 1 >= patience;
      state.set(Float32Array.of(grown ? Math.min(2 ** 24, scale * 2) : scale, grown ? 0 : steps + 1));
      return true;
    },
  };
}
