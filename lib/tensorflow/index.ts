/**
 * The one import of TensorFlow. Only the trainer process and tests load it: it costs half a second and
 * some 300 MB, and the API's image doesn't carry it.
 */
import './node-compatibility';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { registerNativeGradients } from './native-gradients';

registerNativeGradients();

export { tf };
export { sparseSoftmaxCrossEntropy } from './native-gradients';
export { tensorflowDevice, tensorflowVersion } from './native';
