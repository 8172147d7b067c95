import { free, type Handle } from '../../tensorflow/handles';
import { cast } from '../../tensorflow/operations/arithmetic';
import type { ComputeType } from './operation';

/**
 * The mixed precision of Micikevicius et al. (2018), inside one operation: weights, activations and gradients are float32
 * everywhere between operations, and only what a convolution or a product reads is cast down.
 */
export function lowered(value: Handle, type: ComputeType): { value: Handle; drop: () => void } {
  if (type === value.type) return { value, drop: () => undefined };
  const low = cast(value, type);
  return { value: low, drop: () => free(low) };
}

/** float32 again; what was given is freed where it was of another type. */
export function raised(value: Handle): Handle {
  if (value.type === 'float32') return value;
  const high = cast(value, 'float32');
  free(value);
  return high;
}
