import * as tf from '@tensorflow/tfjs-node-gpu';
import { nativeBackend } from './native';

/**
 * From here on ReLU's gradient is TensorFlow's one `ReluGrad`; tfjs builds it from a step function and a
 * product, each a pass over the largest tensors there are.
 */
export function registerNativeGradients(): void {
  tf.registerGradient({
    kernelName: 'Relu',
    outputsToSave: [true],
    gradFunc: (dy, saved) => ({
      x: () => {
        const { binding } = nativeBackend();
        const output = saved[0];
        if (output === undefined || Array.isArray(dy)) throw new Error('Relu has one output');
        const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
        return nativeBackend().executeSingleOutput('ReluGrad', [type], [dy, output]);
      },
    }),
  });
}

/**
 * The cross entropy of softmax(`logits`) and the labels, one number an example, with its gradient from the
 * same kernel (`SparseSoftmaxCrossEntropyWithLogits`).
 *
 * @param logits - float32 `[batch, classes]`.
 * @param labels - int32 `[batch]`, in [0, classes).
 * @returns float32 `[batch]`.
 */
export function sparseSoftmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const entropy = tf.customGrad((x, save) => {
    const { binding } = nativeBackend();
    const [loss, backprop] = nativeBackend().executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      [
        { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: 'Tlabels', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
      ],
      // tf.customGrad hands its function tensors and, last, `save`; its type can't say so.
      [x as tf.Tensor, labels],
      2,
    );
    if (loss === undefined || backprop === undefined) throw new Error('the kernel has two outputs');
    (save as tf.GradSaveFunc)([backprop]);
    return {
      value: loss,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0] ?? backprop, dy.expandDims(1)),
    };
  });
  return entropy(logits) as tf.Tensor1D;
}
