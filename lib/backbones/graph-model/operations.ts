import type { GraphNode } from '../../../contracts/schemas/backbone';
import {
  fusedOf,
  paddingOf,
  refusedOperation,
  requireChannelsLast,
  requireUndilated,
  rowsAndColumns,
  zerosOf,
  type Zeros,
} from './attributes';
import { float32Constant, reshaped, transposed, wholeNumbers, type Constant } from './constants';
import type { Layer, LayerList } from './layer-list';

/** What an operation gives: a layer's output, or numbers that don't change. */
export type Value =
  | { readonly kind: 'constant'; readonly constant: Constant }
  | {
      readonly kind: 'layer';
      readonly layer: Layer;
      /** Nothing else reads it, nor is it the answer. */
      readonly alone: boolean;
      /** A global mean that the graph still counts as a picture of one pixel. */
      readonly pixel?: boolean;
    };

type Converted = Omit<Extract<Value, { kind: 'layer' }>, 'alone'> | Extract<Value, { kind: 'constant' }>;

interface Reading {
  readonly layers: LayerList;
  readonly inputs: readonly Value[];
}

type Convert = (node: GraphNode, reading: Reading) => Converted;

/** The operations that have layers for them. */
export const operations: Readonly<Record<string, Convert>> = {
  Placeholder(node, { layers }) {
    const dims = node.attr['shape']?.shape?.dim.map(({ size }) => (size < 0 ? null : size)) ?? [];
    const shape = dims.length === 4 ? [null, ...dims.slice(1)] : [null, null, null, 3];
    return made(layers.add('InputLayer', node.name, [], { batch_input_shape: shape, dtype: 'float32' }));
  },

  Identity(node, { inputs }) {
    const [value] = inputs;
    if (value === undefined) throw refusedOperation(node, 'reads nothing.');
    return value;
  },

  Conv2D: (node, reading) => convolution(node, reading),
  DepthwiseConv2dNative: (node, reading) => convolution(node, reading),
  _FusedConv2D: (node, reading) => fused(node, reading, convolution(node, reading)),
  FusedDepthwiseConv2dNative: (node, reading) => fused(node, reading, convolution(node, reading)),
  MatMul: (node, reading) => product(node, reading),
  _FusedMatMul: (node, reading) => fused(node, reading, product(node, reading)),

  BiasAdd(node, reading) {
    requireChannelsLast(node);
    const [value] = reading.inputs;
    return biased(
      node,
      reading.layers,
      layerAt(node, reading, 0),
      constantAt(node, reading, 1),
      isAlone(value),
    );
  },
  Add: (node, reading) => sum(node, reading),
  AddV2: (node, reading) => sum(node, reading),

  FusedBatchNorm: (node, reading) => batchNorm(node, reading),
  FusedBatchNormV3: (node, reading) => batchNorm(node, reading),

  Relu: (node, reading) => made(activation(node, reading.layers, layerAt(node, reading, 0), 'Relu')),
  Relu6: (node, reading) => made(activation(node, reading.layers, layerAt(node, reading, 0), 'Relu6')),

  Pad(node, reading) {
    const zeros = zerosOf(node, wholeNumbers(constantAt(node, reading, 1)));
    return made(padded(node.name, reading.layers, layerAt(node, reading, 0), zeros));
  },
  MaxPool: (node, reading) => pooling(node, reading, 'MaxPooling2D'),
  AvgPool: (node, reading) => pooling(node, reading, 'AveragePooling2D'),

  Mean(node, reading) {
    const axes = wholeNumbers(constantAt(node, reading, 1)).map((axis) => (axis < 0 ? axis + 4 : axis));
    if (axes.sort().join() !== '1,2') {
      throw refusedOperation(node, 'is a mean over something else than rows and columns.');
    }
    const layer = reading.layers.add('GlobalAveragePooling2D', node.name, [layerAt(node, reading, 0)], {
      data_format: 'channels_last',
    });
    return { kind: 'layer', layer, pixel: node.attr['keep_dims']?.b === true };
  },

  Squeeze(node, { inputs }) {
    const [value] = inputs;
    if (value?.kind !== 'layer' || value.pixel !== true) {
      throw refusedOperation(node, 'squeezes something else than a global mean.');
    }
    return made(value.layer);
  },

  Reshape(node, reading) {
    const [value] = reading.inputs;
    const shape = wholeNumbers(constantAt(node, reading, 1));
    if (shape.length !== 2 || value?.kind !== 'layer') {
      throw refusedOperation(node, 'makes something else than one row of features a picture.');
    }
    if (value.pixel === true || rows.has(value.layer.kind)) return made(value.layer);
    return made(reading.layers.add('Flatten', node.name, [value.layer], { data_format: 'channels_last' }));
  },
};

/** The layers that give one row of features a picture. */
const rows = new Set(['GlobalAveragePooling2D', 'Flatten', 'Dense']);

const made = (layer: Layer): Converted => ({ kind: 'layer', layer });

const isAlone = (value: Value | undefined): boolean => value?.kind === 'layer' && value.alone;

function layerAt(node: GraphNode, { inputs }: Reading, at: number): Layer {
  const value = inputs[at];
  if (value?.kind !== 'layer') throw refusedOperation(node, 'computes with constants alone.');
  if (value.pixel === true) throw refusedOperation(node, 'works on a global mean as if it were a picture.');
  return value.layer;
}

function constantAt(node: GraphNode, { inputs }: Reading, at: number): Constant {
  const value = inputs[at];
  if (value?.kind !== 'constant') {
    throw refusedOperation(node, 'reads a weight that is computed. Freeze the model before it is converted.');
  }
  return value.constant;
}

/** With its kernel alone; a bias that follows is put into it. */
function convolution(node: GraphNode, reading: Reading): Converted {
  requireChannelsLast(node);
  requireUndilated(node);
  const depthwise = node.op.includes('Depthwise');
  const kernel = constantAt(node, reading, 1);
  const [rows, columns, , last] = kernel.weight.shape;
  if (last === undefined) throw refusedOperation(node, 'has a kernel of too few dimensions.');
  const padding = paddingOf(node);
  const read = layerAt(node, reading, 0);
  const isZeros = typeof padding !== 'string';
  const input = isZeros ? padded(`${node.name}/zeros`, reading.layers, read, padding) : read;
  const config = {
    kernel_size: [rows, columns],
    strides: rowsAndColumns(node, 'strides'),
    padding: isZeros ? 'valid' : padding,
    data_format: 'channels_last',
    use_bias: false,
  };
  return made(
    depthwise
      ? reading.layers.add(
          'DepthwiseConv2D',
          node.name,
          [input],
          { ...config, depth_multiplier: last },
          {
            depthwise_kernel: kernel,
          },
        )
      : reading.layers.add('Conv2D', node.name, [input], { ...config, filters: last }, { kernel }),
  );
}

function product(node: GraphNode, reading: Reading): Converted {
  if (node.attr['transpose_a']?.b === true) throw refusedOperation(node, 'turns its pictures.');
  const given = constantAt(node, reading, 1);
  const kernel = node.attr['transpose_b']?.b === true ? transposed(given) : given;
  if (kernel.weight.shape.length !== 2)
    throw refusedOperation(node, 'multiplies by something else than a matrix.');
  const config = { units: kernel.weight.shape[1], use_bias: false };
  return made(reading.layers.add('Dense', node.name, [layerAt(node, reading, 0)], config, { kernel }));
}

function fused(node: GraphNode, reading: Reading, computed: Converted): Converted {
  if (computed.kind !== 'layer') return computed;
  const { bias, activation: follows } = fusedOf(node);
  if (bias) biased(node, reading.layers, computed.layer, constantAt(node, reading, 2), true);
  if (follows === undefined) return computed;
  return made(
    activation({ ...node, name: `${node.name}/${follows}` }, reading.layers, computed.layer, follows),
  );
}

/** Adds to each channel: inside of the layer before, where only this reads that, else as a batch norm that only shifts. */
function biased(
  node: GraphNode,
  layers: LayerList,
  layer: Layer,
  constant: Constant,
  alone: boolean,
): Converted {
  const { shape } = constant.weight;
  const channels = shape.at(-1) ?? 0;
  if (channels === 0 || shape.slice(0, -1).some((size) => size !== 1)) {
    throw refusedOperation(node, 'adds a constant that is not one number a channel.');
  }
  const bias = reshaped(constant, [channels]);
  if (alone && layer.config['use_bias'] === false) {
    layer.config['use_bias'] = true;
    layer.weights.set('bias', bias);
    return made(layer);
  }
  const [zeros, ones] = [0, 1].map((value) => float32Constant(Array<number>(channels).fill(value)));
  if (zeros === undefined || ones === undefined) throw new Error('two constants were made');
  const weights = { gamma: ones, beta: bias, moving_mean: zeros, moving_variance: ones };
  return made(layers.add('BatchNormalization', node.name, [layer], { axis: -1, epsilon: 0 }, weights));
}

function sum(node: GraphNode, reading: Reading): Converted {
  const [first, second] = reading.inputs;
  const constant = [0, 1].find((at) => reading.inputs[at]?.kind === 'constant');
  if (constant !== undefined) {
    const layer = layerAt(node, reading, 1 - constant);
    const alone = isAlone(constant === 1 ? first : second);
    return biased(node, reading.layers, layer, constantAt(node, reading, constant), alone);
  }
  return made(reading.layers.add('Add', node.name, [layerAt(node, reading, 0), layerAt(node, reading, 1)]));
}

function batchNorm(node: GraphNode, reading: Reading): Converted {
  requireChannelsLast(node);
  if (node.attr['is_training']?.b !== false) {
    throw refusedOperation(node, 'follows its batch. Freeze the model before it is converted.');
  }
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((at) => constantAt(node, reading, at));
  if (!gamma || !beta || !mean || !variance) throw new Error('four constants were read');
  const config = { axis: -1, epsilon: node.attr['epsilon']?.f ?? 0.0001, momentum: 0.99 };
  const weights = { gamma, beta, moving_mean: mean, moving_variance: variance };
  const input = layerAt(node, reading, 0);
  return made(reading.layers.add('BatchNormalization', node.name, [input], config, weights));
}

function activation({ name }: GraphNode, layers: LayerList, input: Layer, kind: string): Layer {
  if (kind === 'Relu6') return layers.add('ReLU', name, [input], { max_value: 6 });
  return layers.add('Activation', name, [input], { activation: 'relu' });
}

function padded(name: string, layers: LayerList, input: Layer, zeros: Zeros): Layer {
  return layers.add('ZeroPadding2D', name, [input], { padding: zeros, data_format: 'channels_last' });
}

function pooling(node: GraphNode, reading: Reading, kind: string): Converted {
  requireChannelsLast(node);
  const padding = paddingOf(node);
  // Zeros around a picture would count in a maximum and in a mean.
  if (typeof padding !== 'string') throw refusedOperation(node, 'is padded by numbers of its own.');
  const config = {
    pool_size: rowsAndColumns(node, 'ksize'),
    strides: rowsAndColumns(node, 'strides'),
    padding,
    data_format: 'channels_last',
  };
  return made(reading.layers.add(kind, node.name, [layerAt(node, reading, 0)], config));
}
