import type { TFJSBinding } from '@tensorflow/tfjs-node-gpu/dist/tfjs_binding';
import { nativeBackend } from './native';

/** TensorFlow's own numbers for the types (`TF_DataType`); tfjs knows only some of them. */
const typeNumbers = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  float16: 19,
  resource: 20,
} as const;

export type DataType = keyof typeof typeNumbers;

const typeNames = new Map<number, DataType>(
  // What Object.keys can't say of an object that is all there.
  (Object.keys(typeNumbers) as DataType[]).map((name) => [typeNumbers[name], name]),
);

/**
 * A tensor of TensorFlow's own, outside tfjs: also of types that tfjs has no name for, and freed by hand or
 * by the {@link scoped} that it was made in.
 */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: DataType;
}

type Attribute = Parameters<TFJSBinding['executeOp']>[1][number];

/** Handles made in the scopes that are open, innermost last. */
const scopes: Set<Handle>[] = [];

function binding(): TFJSBinding {
  return nativeBackend().binding;
}

function adopt(handle: Handle): Handle {
  scopes.at(-1)?.add(handle);
  return handle;
}

/** Frees the handles at once, and for good; whoever frees early keeps the peak of memory low. */
export function free(...handles: readonly (Handle | undefined)[]): void {
  for (const handle of handles) {
    if (handle === undefined) continue;
    for (const scope of scopes) scope.delete(handle);
    binding().deleteTensor(handle.id);
  }
}

/** Takes a handle out of the scopes that are open: whoever keeps it has to free it. */
export function keep(handle: Handle): Handle {
  for (const scope of scopes) scope.delete(handle);
  return handle;
}

/** Does the work and frees every handle that it made and neither freed nor kept, also where it throws. */
export function scoped<T>(work: () => T): T {
  const scope = new Set<Handle>();
  scopes.push(scope);
  try {
    return work();
  } finally {
    scopes.pop();
    for (const handle of scope) binding().deleteTensor(handle.id);
  }
}

/** Observes every operation: the profiler does. */
export interface OperationObserver {
  /**
   * Runs the work and returns what it gives.
   *
   * @param name - TensorFlow's, or `upload` and `download` for copies in and out.
   * @param shapes - Of what it reads.
   */
  readonly operation: <T>(name: string, shapes: readonly (readonly number[])[], work: () => T) => T;
  /** What follows belongs to this layer, on the way there or back; undefined: to none. */
  readonly layer?: (name: string | undefined, way: 'forward' | 'backward') => void;
}

let observer: OperationObserver | undefined;

/** @param next - undefined ends the observing. */
export function observeOperations(next: OperationObserver | undefined): void {
  observer = next;
}

/** Tells the observer, where there is one, whose operations follow. */
export function observeLayer(name: string | undefined, way: 'forward' | 'backward'): void {
  observer?.layer?.(name, way);
}

function observed<T>(name: string, shapes: () => readonly (readonly number[])[], work: () => T): T {
  return observer === undefined ? work() : observer.operation(name, shapes(), work);
}

type Values = Float32Array | Int32Array | Uint8Array;

/** @param values - Copied; their class gives the type. */
export function upload(values: Values, shape: readonly number[]): Handle {
  const type = values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'uint8';
  const create = () => binding().createTensor([...shape], typeNumbers[type], values);
  return adopt({ id: observed('upload', () => [shape], create), shape, type });
}

/** A float32 number with no dimensions. */
export function scalar(value: number): Handle {
  return upload(Float32Array.of(value), []);
}

/** An int32 vector, as operations take shapes. */
export function integers(values: readonly number[]): Handle {
  return upload(Int32Array.from(values), [values.length]);
}

/** A copy of a float32 tensor's values. */
export function download(handle: Handle): Float32Array {
  if (handle.type !== 'float32') throw new Error(`${handle.type} can't be read; cast it to float32 first`);
  // A view of TensorFlow's memory would not outlive the tensor.
  return observed(
    'download',
    () => [handle.shape],
    () => Float32Array.from(binding().tensorDataSync(handle.id)),
  );
}

/** The value of a float32 tensor that has one. */
export function downloadScalar(handle: Handle): number {
  return observed(
    'download',
    () => [handle.shape],
    () => binding().tensorDataSync(handle.id)[0] ?? NaN,
  );
}

/** TensorFlow tensors that are alive in this process, tfjs's own included. */
export function liveTensors(): number {
  return binding().getNumOfTensors();
}

/** Attributes of an operation, each kind by its own function. */
export const attributes = {
  type: (name: string, value: DataType): Attribute => {
    return { name, type: binding().TF_ATTR_TYPE, value: typeNumbers[value] };
  },
  int: (name: string, value: number | readonly number[]): Attribute => {
    return { name, type: binding().TF_ATTR_INT, value: typeof value === 'number' ? value : [...value] };
  },
  float: (name: string, value: number): Attribute => ({ name, type: binding().TF_ATTR_FLOAT, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: binding().TF_ATTR_BOOL, value }),
  text: (name: string, value: string): Attribute => ({ name, type: binding().TF_ATTR_STRING, value }),
  shape: (name: string, value: readonly number[]): Attribute => {
    return { name, type: binding().TF_ATTR_SHAPE, value: [...value] };
  },
} as const;

/**
 * One operation of TensorFlow's, run at once.
 *
 * @param name - As in TensorFlow's list of raw operations.
 * @returns its `count` outputs.
 * @throws Error with TensorFlow's message where it refuses.
 */
export function execute(
  name: string,
  attributesOf: readonly Attribute[],
  inputs: readonly Handle[],
  count: number,
): Handle[] {
  const run = () =>
    binding().executeOp(
      name,
      [...attributesOf],
      inputs.map(({ id }) => id),
      count,
    );
  const outputs = observed(name, () => inputs.map(({ shape }) => shape), run);
  return outputs.map(({ id, shape, dtype }) => {
    const type = typeNames.get(dtype);
    if (type === undefined) throw new Error(`${name} gave a tensor of TensorFlow's type ${dtype}`);
    return adopt({ id, shape, type });
  });
}

/** An operation with one output. */
export function executeOne(
  name: string,
  attributesOf: readonly Attribute[],
  inputs: readonly Handle[],
): Handle {
  const [output] = execute(name, attributesOf, inputs, 1);
  if (output === undefined) throw new Error(`${name} has one output`);
  return output;
}
