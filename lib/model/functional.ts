import { tf } from '../tensorflow';

/** What a layer makes of its one input, or of several. */
export function apply(layer: tf.layers.Layer, ...inputs: readonly tf.SymbolicTensor[]): tf.SymbolicTensor {
  const [only] = inputs;
  const output = layer.apply(inputs.length === 1 && only ? only : [...inputs]);
  if (!(output instanceof tf.SymbolicTensor)) throw new Error(`${layer.name} should have one output`);
  return output;
}
