import type { tf } from '../../tensorflow';
import { numberOf } from '../program/layer-settings';
import { layerGraph, type LayerCall } from '../program/graph';
import { normalisationName } from '../normalisation-layer';
import { fold } from './fold';
import { GraphBuilder } from './graph';
import { writers, type OnnxValue } from './layers';
import { onnxNames } from './names';
import { dataTypes, encodeModel, valueInfo } from './schema';

export interface ExportOptions {
  /** Answers with the mean of the logits for a picture and for its mirror image, in one pass. */
  readonly averageFlip?: boolean;
}

/**
 * A network of ours in ONNX (operator set 17): uint8 `image` `[batch, height, width, channels]` in, float32
 * `probabilities` `[batch, classes]` out; the batch may have any size. Normalisation and softmax are in
 * the graph, so that whoever runs it needs nothing but pixels; batch norms and padding are part of the convolutions.
 *
 * @param model - From `createNetwork`: normalisation first, logits last.
 * @throws Error naming a layer that has no form in ONNX.
 */
export function exportOnnx(model: tf.LayersModel, { averageFlip = false }: ExportOptions = {}): Uint8Array {
  const { calls, output } = layerGraph(model);
  const [height = 0, width = 0, channels = 0] = (model.inputs[0]?.shape ?? []).slice(1).map(Number);
  const graph = new GraphBuilder();
  const seen = averageFlip ? withMirror(graph) : onnxNames.input;
  const values = new Map<number, OnnxValue>();
  for (const call of calls) {
    const { layer } = call;
    if (layer.name === normalisationName) {
      values.set(call.output, { name: writeNormalisation(graph, layer, seen), shape: call.outputShape });
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
  const classes = logits.shape[0] ?? 0;
  const answer = averageFlip ? meanOfBoth(graph, logits.name, classes) : logits.name;
  graph.add('Softmax', onnxNames.output, [answer], { axis: 1 });
  return encodeModel(
    fold(
      graph.build(
        model.name,
        valueInfo(onnxNames.input, dataTypes.uint8, ['batch', height, width, channels]),
        valueInfo(onnxNames.output, dataTypes.float, ['batch', classes]),
      ),
    ),
  );
}

/** Every picture, then every picture with left and right changed: `[2 × batch, height, width, channels]`. */
function withMirror(graph: GraphBuilder): string {
  // From the last column to the one before the first.
  const range = [
    graph.integers('mirror/starts', [-1]),
    graph.integers('mirror/ends', [-(2 ** 31)]),
    graph.integers('mirror/axes', [2]),
    graph.integers('mirror/steps', [-1]),
  ];
  const mirrored = graph.add('Slice', 'mirror', [onnxNames.input, ...range]);
  return graph.add('Concat', 'both', [onnxNames.input, mirrored], { axis: 0 });
}

function meanOfBoth(graph: GraphBuilder, logits: string, classes: number): string {
  const shape = graph.integers('pairs/shape', [2, -1, classes]);
  const pairs = graph.add('Reshape', 'pairs', [logits, shape]);
  return graph.add('ReduceMean', 'mean', [pairs], { axes: [0], keepdims: 0 });
}

/**
 * Channels first while pixels are bytes still, then centred and scaled: a number for each channel is spread over whole planes eight at a time,
 * where spread over channels that stand last it cost ONNX Runtime two fifths of a MobileNetV2's time. Its scale and offset are 1 and 0.
 */
function writeNormalisation(graph: GraphBuilder, layer: tf.layers.Layer, bytes: string): string {
  const [, , mean, variance] = layer.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
  const { name } = layer;
  const epsilon = numberOf(layer, 'epsilon');
  const deviation = Float32Array.from(variance ?? [], (of) => Math.sqrt(of + epsilon));
  const perChannel = [deviation.length, 1, 1];
  const planes = graph.add('Transpose', `${name}/channels_first`, [bytes], { perm: [0, 3, 1, 2] });
  const pixels = graph.add('Cast', 'pixels', [planes], { to: dataTypes.float });
  const centred = graph.add('Sub', `${name}/centred`, [
    pixels,
    graph.constant(`${name}/mean`, perChannel, mean ?? new Float32Array(0)),
  ]);
  return graph.add('Div', `${name}/scaled`, [
    centred,
    graph.constant(`${name}/deviation`, perChannel, deviation),
  ]);
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
