import { tensorflowDevice } from './native';

/** Whether products of float32 may be rounded to TF32's 10 bits here: on a GPU, unless CUDA's libraries were told not to. */
export function roundsToTf32(): boolean {
  return tensorflowDevice() === 'gpu' && process.env['NVIDIA_TF32_OVERRIDE'] !== '0';
}
