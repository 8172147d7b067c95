import type { tf } from '../../tensorflow';
import type { Activation } from '../../tensorflow/operations/activation';
import { activationOf, numberOf, paddingOf, pairOf, poolWindowOf } from '../program/layer-settings';
import type { GraphBuilder } from './graph';
import { convolutionKernel, depthwiseKernel, flattenedRows, padsOf } from './layout';

/** A value of the graph: pictures have their channels first there. */
export interface OnnxValue {
  readonly name: string;
  /** As TensorFlow has it, without the batch: `[height, width, channels]` or `[features]`. */
  readonly shape: readonly number[];
  /** Of features, the picture that they were flattened from, channels first. */
  readonly flattened?: readonly [number, number, number] | undefined;
}

type Writer = (
  graph: GraphBuilder,
  layer: tf.layers.Layer,
  inputs: readonly OnnxValue[],
) => OnnxValue['name'];

/** The layers that have a form in ONNX, by their class names. */
export const writers: Readonly<Record<string, Writer>> = {
  Conv2D(graph, layer, [value]) {
    const { name, shape } = required(layer, value);
    const [kernel, bias] = weightsOf(layer);
    const dimensions = sizes(kernel?.shape ?? [], 4);
    const [rows, columns, inputs, outputs] = dimensions;
    const weights = graph.constant(
      `${layer.name}/kernel`,
      [outputs, inputs, rows, columns],
      convolutionKernel(kernel?.values ?? new Float32Array(0), dimensions),
    );
    const read = [name, weights, ...biasOf(graph, layer, bias)];
    const convolved = graph.add('Conv', layer.name, read, movement(layer, shape, [rows, columns]));
    return activated(graph, layer.name, convolved, activationOf(layer));
  },

  DepthwiseConv2D(graph, layer, [value]) {
    const { name, shape } = required(layer, value);
    const [kernel, bias] = weightsOf(layer);
    const dimensions = sizes(kernel?.shape ?? [], 4);
    const [rows, columns, inputs, multiplier] = dimensions;
    const weights = graph.constant(
      `${layer.name}/kernel`,
      [inputs * multiplier, 1, rows, columns],
      depthwiseKernel(kernel?.values ?? new Float32Array(0), dimensions),
    );
    const read = [name, weights, ...biasOf(graph, layer, bias)];
    const attributes = { ...movement(layer, shape, [rows, columns]), group: inputs };
    return activated(graph, layer.name, graph.add('Conv', layer.name, read, attributes), activationOf(layer));
  },

  Dense(graph, layer, [value]) {
    const { name, flattened } = required(layer, value);
    const [kernel, bias] = weightsOf(layer);
    const [inputs, units] = sizes(kernel?.shape ?? [], 2);
    const values = kernel?.values ?? new Float32Array(0);
    const weights = graph.constant(
      `${layer.name}/kernel`,
      [inputs, units],
      flattened ? flattenedRows(values, flattened, units) : values,
    );
    const read = [name, weights, ...biasOf(graph, layer, bias)];
    return activated(graph, layer.name, graph.add('Gemm', layer.name, read), activationOf(layer));
  },

  BatchNormalization(graph, layer, [value]) {
    const { name, shape, flattened } = required(layer, value);
    if (flattened)
      throw new Error(`${layer.name}: batch norm of a flattened picture has no form in ONNX yet`);
    const [gamma, beta, mean, variance] = weightsOf(layer);
    const epsilon = numberOf(layer, 'epsilon');
    const scale = Float32Array.from(gamma?.values ?? [], (of, at) => {
      return of / Math.sqrt((variance?.values[at] ?? NaN) + epsilon);
    });
    const offset = scale.map((by, at) => (beta?.values[at] ?? NaN) - by * (mean?.values[at] ?? NaN));
    const dims = shape.length === 3 ? [scale.length, 1, 1] : [scale.length];
    const scaled = graph.add('Mul', `${layer.name}/scaled`, [
      name,
      graph.constant(`${layer.name}/scale`, dims, scale),
    ]);
    return graph.add('Add', layer.name, [scaled, graph.constant(`${layer.name}/offset`, dims, offset)]);
  },

  Activation: (graph, layer, [value]) => {
    return activated(graph, layer.name, required(layer, value).name, activationOf(layer));
  },
  ReLU: (graph, layer, [value]) => {
    return activated(graph, layer.name, required(layer, value).name, activationOf(layer));
  },

  MaxPooling2D(graph, layer, [value]) {
    const { name, shape } = required(layer, value);
    return graph.add('MaxPool', layer.name, [name], movement(layer, shape, poolWindowOf(layer).size));
  },

  AveragePooling2D(graph, layer, [value]) {
    const { name, shape } = required(layer, value);
    const attributes = { ...movement(layer, shape, poolWindowOf(layer).size), count_include_pad: 0 };
    return graph.add('AveragePool', layer.name, [name], attributes);
  },

  GlobalAveragePooling2D(graph, layer, [value]) {
    const pooled = graph.add('GlobalAveragePool', `${layer.name}/mean`, [required(layer, value).name]);
    return graph.add('Flatten', layer.name, [pooled], { axis: 1 });
  },

  Flatten: (graph, layer, [value]) => {
    return graph.add('Flatten', layer.name, [required(layer, value).name], { axis: 1 });
  },

  ZeroPadding2D(graph, layer, [value]) {
    const padding = layer.getConfig()['padding'];
    const [rows, columns] = (Array.isArray(padding) ? padding : []).map((pair) =>
      Array.isArray(pair) ? pair.map(Number) : [Number(pair), Number(pair)],
    );
    const before = [0, 0, rows?.[0] ?? 0, columns?.[0] ?? 0];
    const after = [0, 0, rows?.[1] ?? 0, columns?.[1] ?? 0];
    const pads = graph.integers(`${layer.name}/pads`, [...before, ...after]);
    return graph.add('Pad', layer.name, [required(layer, value).name, pads], { mode: 'constant' });
  },

  Add(graph, layer, values) {
    const [first, ...others] = values;
    return others.reduce(
      (sum, { name }, at) =>
        graph.add('Add', at === others.length - 1 ? layer.name : `${layer.name}/${at}`, [sum, name]),
      required(layer, first).name,
    );
  },

  Concatenate: (graph, layer, values) => {
    return graph.add(
      'Concat',
      layer.name,
      values.map(({ name }) => name),
      { axis: 1 },
    );
  },

  /** Only training drops anything. */
  Dropout: (_graph, layer, [value]) => required(layer, value).name,
};

/** Kernel, strides and padding of a window that moves over pictures. */
function movement(
  layer: tf.layers.Layer,
  [height = 0, width = 0]: readonly number[],
  [rows, columns]: readonly [number, number],
) {
  const [down, right] = pairOf(layer, 'strides');
  const pads = padsOf(
    paddingOf(layer),
    { size: height, window: rows, stride: down },
    { size: width, window: columns, stride: right },
  );
  return { kernel_shape: [rows, columns], strides: [down, right], pads };
}

function activated(graph: GraphBuilder, layer: string, value: string, activation: Activation): string {
  if (activation === 'linear') return value;
  if (activation === 'relu') return graph.add('Relu', `${layer}/relu`, [value]);
  const [low, high] = [
    graph.constant(`${layer}/low`, [], Float32Array.of(0)),
    graph.constant(`${layer}/high`, [], Float32Array.of(6)),
  ];
  return graph.add('Clip', `${layer}/relu6`, [value, low, high]);
}

interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function weightsOf(layer: tf.layers.Layer): Weight[] {
  return layer.getWeights().map((weight) => {
    return { shape: weight.shape, values: Float32Array.from(weight.dataSync()) };
  });
}

function biasOf(graph: GraphBuilder, layer: tf.layers.Layer, bias: Weight | undefined): string[] {
  return bias ? [graph.constant(`${layer.name}/bias`, bias.shape, bias.values)] : [];
}

function required(layer: tf.layers.Layer, value: OnnxValue | undefined): OnnxValue {
  if (value === undefined) throw new Error(`${layer.name} reads nothing`);
  return value;
}

type Sizes<N extends 2 | 4> = N extends 2 ? [number, number] : [number, number, number, number];

/** A shape of known rank. */
function sizes<N extends 2 | 4>(shape: readonly number[], rank: N): Sizes<N> {
  if (shape.length !== rank) throw new Error(`expected ${rank} dimensions, found ${shape.length}`);
  return [...shape] as Sizes<N>;
}
