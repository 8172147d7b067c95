import { attributes, executeOne, type Handle } from '../handles';

/**
 * A copy of `value` with some of its rows replaced.
 *
 * @param indices - int32 `[rows, 1]`, none of them twice.
 * @param rows - `[rows, …]`, of `value`'s type.
 */
export function tensorScatterUpdate(value: Handle, indices: Handle, rows: Handle): Handle {
  return executeOne(
    'TensorScatterUpdate',
    [attributes.type('T', value.type), attributes.type('Tindices', 'int32')],
    [value, indices, rows],
  );
}
