import type { tf } from '../../tensorflow';
import { numberOf } from '../program/layer-settings';
import { layerGraph, type LayerCall } from '../program/graph';
import { normalisationName } from '../normalisation-layer';
import { foldBatchNorm } from './fold-batch-norm';
import { foldPadding } from './fold-padding';
import { GraphBuilder } from './graph';
import { writers, type OnnxValue } from './layers';
import { dataTypes, encodeModel, valueInfo, type Graph } from './schema';

/** The names of the graph's one input and one output. */
export const onnxNames = { input: 'image', output: 'probabilities' } as const;

/**
 * A network of ours in ONNX (operator set 17): uint8 `image` `[batch, height, width, channels]` in, float32
 * `probabilities` `[batch, classes]` out; the batch may have any size. Normalisation and softmax are in
 * the graph, so that whoever runs it needs nothing but pixels; batch norms and padding are part of the convolutions.
 *
 * @param model - From `createNetwork`: normalisation first, logits last.
 * @throws Error naming a layer that has no form in ONNX.
 */
export function exportOnnx(model: tf.LayersModel): Uint8Array {
  const { calls, output } = layerGraph(model);
  const [height = 0, width = 0, channels = 0] = (model.inputs[0]?.shape ?? []).slice(1).map(Number);
  const graph = new GraphBuilder();
  const pixels = graph.add('Cast', 'pixels', [onnxNames.input], { to: dataTypes.float });
  const values = new Map<number, OnnxValue>();
  for (const call of calls) {
    const { layer } = call;
    if (layer.name === normalisationName) {
      values.set(call.output, { name: writeNormalisation(graph, layer, pixels), shape: call.outputShape });
      continue;
    }
    const write = writers[layer.getClassName()];
    if (write === undefined) {
      throw new Error(`Layer ${layer.name} (${layer.getClassName()}) has no form in ONNX yet`);
    }
    const inputs = call.inputs.map((input) => {
      const value = values.get(input);
      if (value === undefined) throw new Error(`${layer.name} should come after the normalisation`);
      return value;
    });
    const name = write(graph, layer, inputs);
    values.set(call.output, { name, shape: call.outputShape, flattened: flattenedOf(call, inputs) });
  }
  const logits = values.get(output);
  if (logits === undefined) throw new Error(`${model.name} answers nothing`);
  graph.add('Softmax', onnxNames.output, [logits.name], { axis: 1 });
  return encodeModel(
    folded(
      graph.build(
        model.name,
        valueInfo(onnxNames.input, dataTypes.uint8, ['batch', height, width, channels]),
        valueInfo(onnxNames.output, dataTypes.float, ['batch', logits.shape[0] ?? 0]),
      ),
    ),
  );
}

function folded(graph: Graph): Graph {
  return foldPadding(foldBatchNorm(graph));
}

/** Centred and scaled with channels last, as pixels come; then channels first. Its scale and offset are 1 and 0. */
function writeNormalisation(graph: GraphBuilder, layer: tf.layers.Layer, pixels: string): string {
  const [, , mean, variance] = layer.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
  const { name } = layer;
  const epsilon = numberOf(layer, 'epsilon');
  const deviation = Float32Array.from(variance ?? [], (of) => Math.sqrt(of + epsilon));
  const centred = graph.add('Sub', `${name}/centred`, [
    pixels,
    graph.constant(`${name}/mean`, [deviation.length], mean ?? new Float32Array(0)),
  ]);
  const scaled = graph.add('Div', `${name}/scaled`, [
    centred,
    graph.constant(`${name}/deviation`, [deviation.length], deviation),
  ]);
  return graph.add('Transpose', `${name}/channels_first`, [scaled], { perm: [0, 3, 1, 2] });
}

/** What the next dense layer's rows stand for: after a Flatten the picture's order, until a layer mixes it. */
function flattenedOf({ layer }: LayerCall, [input]: readonly OnnxValue[]): OnnxValue['flattened'] {
  const kind = layer.getClassName();
  if (kind === 'Flatten' && input?.shape.length === 3) {
    const [rows = 0, columns = 0, depth = 0] = input.shape;
    return [rows, columns, depth];
  }
  return kind === 'Dropout' || kind === 'Activation' || kind === 'ReLU' ? input?.flattened : undefined;
}
