import type { tf } from '../../tensorflow';

/** One use of a layer. Values are numbered; 0 is what the model reads. */
export interface LayerCall {
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Without the batch. */
  readonly outputShape: readonly number[];
}

export interface LayerGraph {
  /** Each after those that it reads from. */
  readonly calls: readonly LayerCall[];
  readonly output: number;
}

/**
 * The layers of a model in the order of computing, from its one input to its one output.
 *
 * @throws Error where it has several of either: no classifier of ours does.
 */
export function layerGraph(model: tf.LayersModel): LayerGraph {
  const [input, output] = [model.inputs[0], model.outputs[0]];
  if (input === undefined || output === undefined || model.inputs.length + model.outputs.length !== 2) {
    throw new Error(`${model.name} should have one input and one output`);
  }
  const numbers = new Map<number, number>([[input.id, 0]]);
  const calls: LayerCall[] = [];

  const visit = (tensor: tf.SymbolicTensor): number => {
    const known = numbers.get(tensor.id);
    if (known !== undefined) return known;
    const layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex];
    if (node === undefined || node.inputTensors.length === 0) {
      throw new Error(`${layer.name} is an input that the model doesn't name`);
    }
    const inputs = node.inputTensors.map(visit);
    const number = numbers.size;
    numbers.set(tensor.id, number);
    calls.push({
      layer,
      inputs,
      output: number,
      outputShape: tensor.shape.slice(1).map((size) => size ?? 0),
    });
    return number;
  };
  return { output: visit(output), calls };
}
