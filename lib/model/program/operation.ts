import type { DataType, Handle } from '../../tensorflow/handles';
import type { Variable } from '../../tensorflow/variables';

/** One way through a program, forward and perhaps back. */
export interface Pass {
  /** Whether it is to learn: with dropout, and batch norm by the batch's own statistics. */
  readonly training: boolean;
  /** Of this pass' random numbers, a key of its own for each layer. */
  readonly key: (layer: string) => readonly [number, number];
  /** Takes a variable's gradient, which is the pass' from then on. */
  readonly learn: (variable: Variable, gradient: Handle) => void;
}

export type Backward = (gradient: Handle, wanted: readonly boolean[]) => readonly (Handle | undefined)[];

export interface Forward {
  /** A handle of its own, never that of an input. */
  readonly output: Handle;
  /**
   * The way back, once, where it was asked for; it frees whatever was kept for it.
   *
   * @param gradient - Of the output; freed by the program.
   * @returns the gradients of the inputs that are `wanted`, each a handle of its own.
   */
  readonly backward?: Backward;
}

/** One step of a program: a layer of the model, or several that are done in one. */
export interface Operation {
  /** Of the layer, for messages and profiles. */
  readonly name: string;
  /** What it learns; empty where it is fixed. */
  readonly variables: readonly Variable[];
  /** What it only counts, as batch norm does; kept with the weights. */
  readonly statistics: readonly Variable[];
  /**
   * @param inputs - Freed by the program once nobody needs them any more, the way back included.
   * @param back - Whether there will be a way back; where not, nothing is kept for it.
   */
  readonly forward: (inputs: readonly Handle[], pass: Pass, back: boolean) => Forward;
  readonly dispose: () => void;
}

/** The types that convolutions and matrix products compute in; everything else is float32. */
export type ComputeType = Extract<DataType, 'float32' | 'bfloat16' | 'float16'>;
