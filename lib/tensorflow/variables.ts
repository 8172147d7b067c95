import { attributes, download, execute, executeOne, free, keep, upload, type Handle } from './handles';

/** `shared_name` has to be unique in a process: two variables of one name are one. */
let made = 0;

/** A float32 tensor that operations change in place. */
export interface Variable {
  /** In messages, and as its weights are saved: `conv1/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** How many numbers. */
  readonly size: number;
  readonly resource: Handle;
  /** Its value as it stands; freed before the next change, or that change has to copy. */
  read(): Handle;
  assign(value: Handle): void;
  values(): Float32Array;
  set(values: Float32Array): void;
  dispose(): void;
}

const float = () => attributes.type('dtype', 'float32');

/** @param values - Of which it starts. */
export function createVariable(name: string, values: Float32Array, shape: readonly number[]): Variable {
  made += 1;
  const named = [attributes.text('container', ''), attributes.text('shared_name', `drover/${made}/${name}`)];
  const resource = keep(executeOne('VarHandleOp', [float(), attributes.shape('shape', shape), ...named], []));
  const size = shape.reduce((product, length) => product * length, 1);

  const variable: Variable = {
    name,
    shape,
    size,
    resource,
    read: () => executeOne('ReadVariableOp', [float()], [resource]),
    assign(value) {
      execute('AssignVariableOp', [float(), attributes.bool('validate_shape', false)], [resource, value], 0);
    },
    values() {
      const value = variable.read();
      try {
        return download(value);
      } finally {
        free(value);
      }
    },
    set(next) {
      if (next.length !== size) throw new RangeError(`${name} has ${size} numbers, not ${next.length}`);
      const value = upload(next, shape);
      variable.assign(value);
      free(value);
    },
    dispose() {
      // Disposing the handle alone would leak the values.
      execute('DestroyResourceOp', [attributes.bool('ignore_lookup_error', false)], [resource], 0);
      free(resource);
    },
  };
  variable.set(values);
  return variable;
}

/** Numbers in all. */
export function sizeOf(variables: readonly Variable[]): number {
  return variables.reduce((sum, { size }) => sum + size, 0);
}

/** All values, one variable after the other. */
export function readAll(variables: readonly Variable[]): Float32Array {
  const values = new Float32Array(sizeOf(variables));
  let at = 0;
  for (const variable of variables) {
    values.set(variable.values(), at);
    at += variable.size;
  }
  return values;
}

/** The inverse of {@link readAll}. */
export function writeAll(variables: readonly Variable[], values: Float32Array): void {
  if (values.length !== sizeOf(variables)) {
    throw new RangeError(`${sizeOf(variables)} numbers were expected, not ${values.length}`);
  }
  let at = 0;
  for (const variable of variables) {
    variable.set(values.subarray(at, at + variable.size));
    at += variable.size;
  }
}
