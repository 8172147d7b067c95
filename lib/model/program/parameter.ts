import { free, keep, upload, type Handle } from '../../tensorflow/handles';
import { createVariable, type Variable } from '../../tensorflow/variables';

/** Weights of a layer in a program: a variable where they are learnt or counted, else a constant. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** undefined of a constant. */
  readonly variable: Variable | undefined;
  /** Does the work with the value as it stands. */
  use<T>(work: (value: Handle) => T): T;
  dispose(): void;
}

export function variableParameter(name: string, values: Float32Array, shape: readonly number[]): Parameter {
  const variable = createVariable(name, values, shape);
  return {
    name,
    shape,
    variable,
    use(work) {
      const value = variable.read();
      try {
        return work(value);
      } finally {
        free(value);
      }
    },
    dispose: () => variable.dispose(),
  };
}

export function constantParameter(name: string, values: Float32Array, shape: readonly number[]): Parameter {
  const value = keep(upload(values, shape));
  return { name, shape, variable: undefined, use: (work) => work(value), dispose: () => free(value) };
}
