import type { Precision } from '../../contracts/schemas/run';
import { tensorflowDevice } from './native';

/** Whether products of float32 are rounded to TF32's 10 bits here. */
export function roundsToTf32(precision: Precision): boolean {
  return tensorflowDevice() === 'gpu' && precision === 'tf32';
}
