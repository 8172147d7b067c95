import type { tf } from '../../tensorflow';
import type { PoolWindow } from '../../tensorflow/operations/pooling';
import type { LayerCall, LayerGraph } from './graph';
import { layerGraph } from './graph';
import {
  activationOf,
  appliesActivation,
  numberOf,
  paddingOf,
  pairOf,
  poolWindowOf,
  weightsOf,
  type LayerWeights,
} from './layer-settings';
import type { ComputeType, Operation } from './operation';
import { addition, activation, concatenation, dropout } from './operations/elementwise';
import { batchNorm } from './operations/batch-norm';
import { convolution, type Convolution } from './operations/convolution';
import { dense } from './operations/dense';
import { reshaping, zeroPadding } from './operations/layout';
import { averagePooling, globalAveragePooling, maxPooling } from './operations/pooling';
import { scaleAndShift } from './operations/scale-and-shift';
import { constantParameter, variableParameter, type Parameter } from './parameter';

export interface CompileOptions {
  /** What convolutions and products compute in. */
  readonly type: ComputeType;
  /** Whether batch norm follows each batch's statistics and counts them, or keeps the moving ones as they are. */
  readonly statistics: 'batch' | 'moving';
}

/** An operation with the values that it reads and the one that it writes. */
export interface Step {
  readonly operation: Operation;
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface Compiled {
  readonly steps: readonly Step[];
  readonly output: number;
}

/**
 * A layers model as native operations, each layer one of them; a convolution takes the batch norm by fixed
 * statistics, the activation and the pooling that follow it into its own.
 *
 * @throws Error naming a layer that has no operation here.
 */
export function compile(model: tf.LayersModel, options: CompileOptions): Compiled {
  const graph = layerGraph(model);
  const follower = soleFollowers(graph);
  const taken = new Set<LayerCall>();
  const steps: Step[] = [];
  for (const call of graph.calls) {
    if (taken.has(call)) continue;
    const kind = call.layer.getClassName();
    if (kind === 'Conv2D' || kind === 'DepthwiseConv2D') {
      const chain = followingChain(call, follower, options);
      for (const { call: absorbed } of chain) taken.add(absorbed);
      const output = chain.at(-1)?.call.output ?? call.output;
      steps.push({ operation: convolutionOf(call, chain, options), inputs: call.inputs, output });
    } else {
      steps.push({ operation: operationOf(call, options), inputs: call.inputs, output: call.output });
    }
  }
  return { steps, output: graph.output };
}

/** Of each value that one layer alone reads, that layer's call. */
function soleFollowers({ calls, output }: LayerGraph): ReadonlyMap<number, LayerCall> {
  const readers = new Map<number, LayerCall[]>();
  for (const call of calls) {
    for (const input of call.inputs) readers.set(input, [...(readers.get(input) ?? []), call]);
  }
  const sole = new Map<number, LayerCall>();
  for (const [value, [first, ...others]] of readers) {
    if (first !== undefined && others.length === 0 && value !== output) sole.set(value, first);
  }
  return sole;
}

interface Absorbed {
  readonly call: LayerCall;
  readonly as: 'norm' | 'activation' | 'pool';
}

/** What a convolution can take into its own operation: a fixed norm, then an activation, then a pooling. */
function followingChain(
  call: LayerCall,
  follower: ReadonlyMap<number, LayerCall>,
  options: CompileOptions,
): Absorbed[] {
  const chain: Absorbed[] = [];
  const activated = activationOf(call.layer) !== 'linear';
  let next = follower.get(call.output);
  if (next && !activated && isFixedNorm(next.layer, options)) {
    chain.push({ call: next, as: 'norm' });
    next = follower.get(next.output);
  }
  if (next && !activated && appliesActivation(next.layer)) {
    chain.push({ call: next, as: 'activation' });
    next = follower.get(next.output);
  }
  if (next?.layer.getClassName() === 'MaxPooling2D') chain.push({ call: next, as: 'pool' });
  return chain;
}

function isFixedNorm(layer: tf.layers.Layer, { statistics }: CompileOptions): boolean {
  if (layer.getClassName() !== 'BatchNormalization') return false;
  return statistics === 'moving' || !layer.trainable;
}

function convolutionOf(call: LayerCall, chain: readonly Absorbed[], { type }: CompileOptions): Operation {
  const { layer } = call;
  const layerOf = (as: Absorbed['as']) => chain.find((absorbed) => absorbed.as === as)?.call.layer;
  const [kernel, bias] = weightsOf(layer);
  const norm = layerOf('norm');
  const activated = layerOf('activation');
  const pooling = layerOf('pool');
  const pool: PoolWindow | undefined = pooling && poolWindowOf(pooling);
  const common = {
    name: layer.name,
    kind: layer.getClassName() === 'DepthwiseConv2D' ? 'depthwise' : 'conv2d',
    window: { strides: pairOf(layer, 'strides'), padding: paddingOf(layer) },
    activation: activationOf(activated ?? layer),
    pool,
    type,
  } as const;
  const dilation = layer.getConfig()['dilationRate'];
  if (
    JSON.stringify(dilation ?? 1)
      .replace(/[^0-9]/g, '')
      .replaceAll('1', '') !== ''
  ) {
    throw new Error(`${layer.name} is dilated, which has no operation here yet`);
  }
  if (!norm)
    return convolution({
      ...common,
      kernel: parameter(layer, kernel),
      bias: optional(layer, bias),
      norm: undefined,
    });

  if (!layer.trainable && !norm.trainable) return fixedConvolution(common, layer, norm);
  const [gamma, beta, mean, variance] = weightsOf(norm);
  return convolution({
    ...common,
    kernel: parameter(layer, kernel),
    // The norm's offset learns what this would.
    bias: bias && constantParameter(bias.name, bias.values, bias.shape),
    norm: {
      gamma: parameter(norm, gamma),
      beta: parameter(norm, beta),
      mean: required(norm, mean).values,
      variance: required(norm, variance).values,
      epsilon: numberOf(norm, 'epsilon'),
    },
  });
}

/** Where nothing learns, the norm goes into the kernel and the bias once and for all. */
function fixedConvolution(
  common: Omit<Convolution, 'kernel' | 'bias' | 'norm'>,
  layer: tf.layers.Layer,
  norm: tf.layers.Layer,
): Operation {
  const [kernel, bias] = weightsOf(layer);
  const { name, shape, values } = required(layer, kernel);
  const { scale, offset } = foldedNorm(norm, bias?.values);
  const channels = scale.length;
  // Of either kernel the channels come last: a depthwise one's are its inputs times its multiplier.
  const scaled = values.map((value, at) => value * (scale[at % channels] ?? NaN));
  return convolution({
    ...common,
    kernel: constantParameter(name, scaled, shape),
    bias: constantParameter(`${layer.name}/bias`, offset, [channels]),
    norm: undefined,
  });
}

/**
 * What a batch norm by its moving statistics does to each channel, a factor and then an offset.
 *
 * @param bias - Of the layer before it.
 */
function foldedNorm(
  norm: tf.layers.Layer,
  bias: Float32Array | undefined,
): { scale: Float32Array; offset: Float32Array } {
  const [gamma, beta, mean, variance] = weightsOf(norm).map((weights) => required(norm, weights).values);
  const epsilon = numberOf(norm, 'epsilon');
  const scale = Float32Array.from(variance ?? [], (of, at) => (gamma?.[at] ?? NaN) / Math.sqrt(of + epsilon));
  const offset = scale.map((by, at) => (beta?.[at] ?? NaN) + by * ((bias?.[at] ?? 0) - (mean?.[at] ?? NaN)));
  return { scale, offset };
}

function operationOf(call: LayerCall, options: CompileOptions): Operation {
  const { layer, outputShape } = call;
  const { name } = layer;
  const kind = layer.getClassName();
  switch (kind) {
    case 'Dense': {
      const [kernel, bias] = weightsOf(layer);
      return dense({
        name,
        kernel: parameter(layer, kernel),
        bias: optional(layer, bias),
        activation: activationOf(layer),
        type: options.type,
      });
    }
    case 'BatchNormalization': {
      const [gamma, beta, mean, variance] = weightsOf(layer);
      const counts = options.statistics === 'batch' && layer.trainable;
      const [, width] = outputShape;
      if (!layer.trainable && outputShape.length === 3 && width) {
        return scaleAndShift({ name, ...foldedNorm(layer, undefined), width });
      }
      const statistic = (weights: LayerWeights | undefined): Parameter => {
        const { name: called, values, shape } = required(layer, weights);
        return counts ? variableParameter(called, values, shape) : constantParameter(called, values, shape);
      };
      return batchNorm({
        name,
        gamma: parameter(layer, gamma),
        beta: parameter(layer, beta),
        mean: statistic(mean),
        variance: statistic(variance),
        epsilon: numberOf(layer, 'epsilon'),
        momentum: counts ? numberOf(layer, 'momentum') : undefined,
      });
    }
    case 'Activation':
    case 'ReLU':
      return activation(name, activationOf(layer));
    case 'Dropout':
      return dropout(name, numberOf(layer, 'rate'));
    case 'MaxPooling2D':
      return maxPooling(name, poolWindowOf(layer));
    case 'AveragePooling2D':
      return averagePooling(name, poolWindowOf(layer));
    case 'GlobalAveragePooling2D':
      return globalAveragePooling(name);
    case 'Flatten':
    case 'Reshape':
      return reshaping(name, outputShape);
    case 'ZeroPadding2D':
      return zeroPadding(name, paddingsOf(layer));
    case 'Add':
      return addition(name);
    case 'Concatenate':
      return concatenation(name);
    default:
      throw new Error(`Layer ${name} (${kind}) has no native operation yet: see docs/guides/networks.md`);
  }
}

function parameter(layer: tf.layers.Layer, weights: LayerWeights | undefined): Parameter {
  const { name, values, shape } = required(layer, weights);
  return layer.trainable ? variableParameter(name, values, shape) : constantParameter(name, values, shape);
}

function optional(layer: tf.layers.Layer, weights: LayerWeights | undefined): Parameter | undefined {
  return weights && parameter(layer, weights);
}

function required(layer: tf.layers.Layer, weights: LayerWeights | undefined): LayerWeights {
  if (weights === undefined) throw new Error(`${layer.name} lacks weights that it should have`);
  return weights;
}

function paddingsOf(layer: tf.layers.Layer): [[number, number], [number, number]] {
  const padding = layer.getConfig()['padding'];
  if (!Array.isArray(padding) || padding.length !== 2) throw new Error(`${layer.name}: unknown padding`);
  const [rows, columns] = padding.map((pair) =>
    Array.isArray(pair) ? pair.map(Number) : [Number(pair), Number(pair)],
  );
  return [
    [rows?.[0] ?? 0, rows?.[1] ?? 0],
    [columns?.[0] ?? 0, columns?.[1] ?? 0],
  ];
}
