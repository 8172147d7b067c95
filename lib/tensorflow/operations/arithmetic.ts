import { attributes, executeOne, integers, type DataType, type Handle } from '../handles';

/** The functions of this folder are TensorFlow's raw operations, by their names; shapes are NHWC. */

function ofType(handle: Handle) {
  return attributes.type('T', handle.type);
}

export function cast(value: Handle, to: DataType): Handle {
  const types = [attributes.type('SrcT', value.type), attributes.type('DstT', to)];
  return executeOne('Cast', [...types, attributes.bool('Truncate', false)], [value]);
}

/** a + b, with broadcasting. */
export function add(a: Handle, b: Handle): Handle {
  return executeOne('AddV2', [ofType(a)], [a, b]);
}

/** The sum of tensors of one shape. */
export function addAll(values: readonly Handle[]): Handle {
  const [first] = values;
  if (first === undefined) throw new Error('a sum has terms');
  return executeOne('AddN', [attributes.int('N', values.length), ofType(first)], values);
}

/** a − b, with broadcasting. */
export function sub(a: Handle, b: Handle): Handle {
  return executeOne('Sub', [ofType(a)], [a, b]);
}

/** a × b, with broadcasting. */
export function mul(a: Handle, b: Handle): Handle {
  return executeOne('Mul', [ofType(a)], [a, b]);
}

/** a ≥ b, bool. */
export function greaterEqual(a: Handle, b: Handle): Handle {
  return executeOne('GreaterEqual', [ofType(a)], [a, b]);
}

export function clip(value: Handle, low: Handle, high: Handle): Handle {
  return executeOne('ClipByValue', [ofType(value)], [value, low, high]);
}

/** Half the sum of squares, a number. */
export function halfSquares(value: Handle): Handle {
  return executeOne('L2Loss', [ofType(value)], [value]);
}

/** a · b of matrices, either of them transposed first where asked. */
export function matMul(a: Handle, b: Handle, transpose: { a?: boolean; b?: boolean } = {}): Handle {
  return executeOne(
    'MatMul',
    [
      ofType(a),
      attributes.bool('transpose_a', transpose.a === true),
      attributes.bool('transpose_b', transpose.b === true),
    ],
    [a, b],
  );
}

/** `[batch, n, k]` · `[batch, k, m]`. */
export function batchMatMul(a: Handle, b: Handle): Handle {
  const plain = [attributes.bool('adj_x', false), attributes.bool('adj_y', false)];
  return executeOne('BatchMatMulV2', [ofType(a), ...plain], [a, b]);
}

function reduce(operation: string, value: Handle, axes: readonly number[]): Handle {
  const indices = integers(axes);
  const index = attributes.type('Tidx', 'int32');
  return executeOne(operation, [ofType(value), index, attributes.bool('keep_dims', false)], [value, indices]);
}

/** The sum over `axes`, which are gone afterwards. */
export function sum(value: Handle, axes: readonly number[]): Handle {
  return reduce('Sum', value, axes);
}

/** The mean over `axes`, which are gone afterwards. */
export function mean(value: Handle, axes: readonly number[]): Handle {
  return reduce('Mean', value, axes);
}

export function softmax(logits: Handle): Handle {
  return executeOne('Softmax', [ofType(logits)], [logits]);
}

function integer(value: number): Handle {
  return reshape(integers([value]), []);
}

/** The same values in another shape; nothing is copied. */
export function reshape(value: Handle, shape: readonly number[]): Handle {
  return executeOne('Reshape', [ofType(value), attributes.type('Tshape', 'int32')], [value, integers(shape)]);
}

/** Repeats along dimensions of size 1. */
export function broadcastTo(value: Handle, shape: readonly number[]): Handle {
  return executeOne(
    'BroadcastTo',
    [ofType(value), attributes.type('Tidx', 'int32')],
    [value, integers(shape)],
  );
}

/** `size` values along each dimension, from `begin` on. */
export function slice(value: Handle, begin: readonly number[], size: readonly number[]): Handle {
  const index = attributes.type('Index', 'int32');
  return executeOne('Slice', [ofType(value), index], [value, integers(begin), integers(size)]);
}

export function concat(values: readonly Handle[], axis: number): Handle {
  const [first] = values;
  if (first === undefined) throw new Error('nothing to put together');
  const count = attributes.int('N', values.length);
  const index = attributes.type('Tidx', 'int32');
  return executeOne('ConcatV2', [count, ofType(first), index], [...values, integer(axis)]);
}

/** Rows of `value`, in the order of the int32 `indices`. */
export function gather(value: Handle, indices: Handle): Handle {
  const types = [
    attributes.type('Tparams', value.type),
    attributes.type('Tindices', 'int32'),
    attributes.type('Taxis', 'int32'),
  ];
  return executeOne('GatherV2', [...types, attributes.int('batch_dims', 0)], [value, indices, integer(0)]);
}

/** @param paddings - Before and after, a pair for each dimension. */
export function pad(value: Handle, paddings: readonly (readonly [number, number])[]): Handle {
  const flat = integers(paddings.flat());
  const pairs = reshape(flat, [paddings.length, 2]);
  return executeOne('Pad', [ofType(value), attributes.type('Tpaddings', 'int32')], [value, pairs]);
}
