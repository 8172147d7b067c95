import * as tf from '@tensorflow/tfjs-node-gpu';
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend';

/** TensorFlow's own kernels, for what tfjs builds from several smaller ones or doesn't offer. */
export function nativeBackend(): NodeJSKernelBackend {
  // The one backend that the Node package registers.
  return tf.backend() as NodeJSKernelBackend;
}

/** The version of the TensorFlow library that is linked, such as `2.21.0`. */
export function tensorflowVersion(): string {
  return nativeBackend().binding.TF_Version;
}

/** What the kernels run on. */
export function tensorflowDevice(): 'cpu' | 'gpu' {
  return nativeBackend().isUsingGpuDevice ? 'gpu' : 'cpu';
}
