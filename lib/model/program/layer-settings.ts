import type { tf } from '../../tensorflow';
import type { Activation } from '../../tensorflow/operations/activation';
import type { PoolWindow } from '../../tensorflow/operations/pooling';

/** What the native operations need of a layer's configuration; anything that they can't do is refused by name. */

export interface LayerWeights {
  /** As it is saved: `conv1/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A copy of a layer's weights, in the layer's order. */
export function weightsOf(layer: tf.layers.Layer): (LayerWeights | undefined)[] {
  return layer.weights.map((weight) => {
    const value = weight.read();
    return {
      name: weightName(layer, weight),
      shape: value.shape,
      values: Float32Array.from(value.dataSync()),
    };
  });
}

/** `conv1/kernel`, whatever tfjs added to make it unique in the process. */
export function weightName(layer: tf.layers.Layer, weight: { readonly originalName: string }): string {
  const own = weight.originalName.split('/').at(-1) ?? weight.originalName;
  return `${layer.name}/${own}`;
}

export function numberOf(layer: tf.layers.Layer, key: string): number {
  const value = layer.getConfig()[key];
  if (typeof value !== 'number') throw new Error(`${layer.name}: ${key} should be a number`);
  return value;
}

/** One number for both directions, or two. */
export function pairOf(layer: tf.layers.Layer, key: string): [number, number] {
  const value = layer.getConfig()[key];
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value)) throw new Error(`${layer.name}: ${key} should be numbers`);
  return [Number(value[0]), Number(value[1] ?? value[0])];
}

export function paddingOf(layer: tf.layers.Layer): 'SAME' | 'VALID' {
  const { padding, dataFormat } = layer.getConfig();
  if (dataFormat === 'channelsFirst') throw new Error(`${layer.name}: channels have to be last`);
  if (padding === 'same') return 'SAME';
  if (padding === 'valid') return 'VALID';
  throw new Error(`${layer.name}: padding should be same or valid`);
}

export function poolWindowOf(layer: tf.layers.Layer): PoolWindow {
  return {
    size: pairOf(layer, 'poolSize'),
    strides: pairOf(layer, 'strides'),
    padding: paddingOf(layer),
  };
}

/** Whether a layer does nothing but apply an activation that there is an operation for. */
export function appliesActivation(layer: tf.layers.Layer): boolean {
  const kind = layer.getClassName();
  return (kind === 'Activation' || kind === 'ReLU') && activationOf(layer) !== 'linear';
}

/** The activation of a layer, whether it is all that the layer does or comes last. */
export function activationOf(layer: tf.layers.Layer): Activation {
  const config = layer.getConfig();
  if (layer.getClassName() === 'ReLU') {
    const most = config['maxValue'];
    if (most === undefined || most === null) return 'relu';
    if (most === 6) return 'relu6';
    throw new Error(`${layer.name}: a ReLU ends nowhere or at 6 here`);
  }
  const name = config['activation'] ?? 'linear';
  if (name === 'linear' || name === 'relu' || name === 'relu6') return name;
  throw new Error(`${layer.name}: there is no native operation for its activation`);
}
