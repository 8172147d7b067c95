import type { tf } from '../../tensorflow';
import { GraphBuilder } from './graph';
import { convolutionKernel, flattenedRows, samePads } from './layout';
import { dataTypes, encodeModel, valueInfo } from './schema';

/** The names of the graph's one input and one output. */
export const onnxNames = { input: 'image', output: 'probabilities' } as const;

/**
 * A network of ours in ONNX (operator set 17): uint8 `image` `[batch, height, width, channels]` in, float32
 * `probabilities` `[batch, classes]` out; the batch may have any size. Normalisation and softmax are in
 * the graph, so that whoever runs it needs nothing but pixels.
 *
 * @param model - From `createNetwork`: normalisation first, logits last.
 */
export function exportOnnx(model: tf.LayersModel): Uint8Array {
  // Of what the next layer reads, as TensorFlow has it: channels last.
  let shape: readonly unknown[] = model.inputs[0]?.shape ?? [];
  const [, height, width, channels] = sizes(shape, 4);
  const graph = new GraphBuilder();
  let value = graph.add('Cast', 'pixels', [onnxNames.input], { to: dataTypes.float });
  // What the next dense layer's rows stand for, after a Flatten.
  let flattened: [number, number, number] | undefined;

  for (const layer of model.layers) {
    const { name } = layer;
    const activate = (input: string): string =>
      layer.getConfig()['activation'] === 'relu' ? graph.add('Relu', `${name}/relu`, [input]) : input;

    switch (layer.getClassName()) {
      case 'BatchNormalization': {
        // Its scale and offset are 1 and 0.
        const [, , mean, variance] = weightsOf(layer, 4);
        const epsilon = Number(layer.getConfig()['epsilon']);
        const deviation = variance.values.map((of) => Math.sqrt(of + epsilon));
        const centred = graph.add('Sub', `${name}/centred`, [
          value,
          graph.constant(`${name}/mean`, mean.shape, mean.values),
        ]);
        const scaled = graph.add('Div', `${name}/scaled`, [
          centred,
          graph.constant(`${name}/deviation`, variance.shape, deviation),
        ]);
        value = graph.add('Transpose', `${name}/channels_first`, [scaled], { perm: [0, 3, 1, 2] });
        break;
      }
      case 'Conv2D': {
        const [kernel, bias] = weightsOf(layer, 2);
        const dimensions = sizes(kernel.shape, 4);
        const [rows, columns, inputs, outputs] = dimensions;
        const weights = convolutionKernel(kernel.values, dimensions);
        value = activate(
          graph.add(
            'Conv',
            name,
            [
              value,
              graph.constant(`${name}/kernel`, [outputs, inputs, rows, columns], weights),
              graph.constant(`${name}/bias`, bias.shape, bias.values),
            ],
            { kernel_shape: [rows, columns], pads: samePads(rows, columns) },
          ),
        );
        break;
      }
      case 'MaxPooling2D':
        value = graph.add('MaxPool', name, [value], { kernel_shape: [2, 2], strides: [2, 2] });
        break;
      case 'Flatten': {
        const [, rows, columns, depth] = sizes(shape, 4);
        flattened = [rows, columns, depth];
        value = graph.add('Flatten', name, [value], { axis: 1 });
        break;
      }
      case 'Dense': {
        const [kernel, bias] = weightsOf(layer, 2);
        const [, units] = sizes(kernel.shape, 2);
        const weights = flattened ? flattenedRows(kernel.values, flattened, units) : kernel.values;
        flattened = undefined;
        value = activate(
          graph.add('Gemm', name, [
            value,
            graph.constant(`${name}/kernel`, kernel.shape, weights),
            graph.constant(`${name}/bias`, bias.shape, bias.values),
          ]),
        );
        break;
      }
      case 'Dropout':
        // Only training drops anything.
        break;
      default:
        throw new Error(`Layer ${name} (${layer.getClassName()}) has no form in ONNX yet`);
    }
    shape = layer.outputShape;
  }

  graph.add('Softmax', onnxNames.output, [value], { axis: 1 });
  const [, classes] = sizes(model.outputs[0]?.shape ?? [], 2);
  return encodeModel(
    graph.build(
      model.name,
      valueInfo(onnxNames.input, dataTypes.uint8, ['batch', height, width, channels]),
      valueInfo(onnxNames.output, dataTypes.float, ['batch', classes]),
    ),
  );
}

interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type Weights<N extends 2 | 4> = N extends 2 ? [Weight, Weight] : [Weight, Weight, Weight, Weight];

function weightsOf<N extends 2 | 4>(layer: tf.layers.Layer, count: N): Weights<N> {
  const weights = layer.getWeights().map((weight): Weight => {
    return { shape: weight.shape, values: Float32Array.from(weight.dataSync()) };
  });
  if (weights.length !== count) throw new Error(`Layer ${layer.name} should have ${count} weights`);
  return weights as Weights<N>;
}

type Sizes<N extends 2 | 4> = N extends 2 ? [number, number] : [number, number, number, number];

/** A shape of known rank, an unknown size as 0. */
function sizes<N extends 2 | 4>(shape: readonly unknown[], rank: N): Sizes<N> {
  if (shape.length !== rank) throw new Error(`expected ${rank} dimensions, found ${shape.length}`);
  return shape.map((size) => (typeof size === 'number' ? size : 0)) as Sizes<N>;
}
