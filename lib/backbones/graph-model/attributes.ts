import type { GraphNode } from '../../../contracts/schemas/backbone';
import { refused } from '../refused';
import { shown } from './order';

/** Why an operation can't be converted. */
export function refusedOperation(node: GraphNode, why: string) {
  return refused(`its operation ${shown(node.name)} (${node.op}) ${why}`);
}

export function requireChannelsLast(node: GraphNode): void {
  if ((node.attr['data_format']?.s ?? 'NHWC') !== 'NHWC') {
    throw refusedOperation(node, 'has its channels first. Convert the model again with channels last.');
  }
}

/** Rows and columns of `strides`, `ksize` or `dilations`, which list the batch and the channels too. */
export function rowsAndColumns(node: GraphNode, attribute: string): [number, number] {
  const [batch, rows, columns, channels] = node.attr[attribute]?.list?.i ?? [];
  if (batch !== 1 || channels !== 1 || rows === undefined || columns === undefined) {
    throw refusedOperation(node, `has ${attribute} that layers don't have.`);
  }
  return [rows, columns];
}

export function requireUndilated(node: GraphNode): void {
  if ((node.attr['dilations']?.list?.i ?? []).some((dilation) => dilation !== 1)) {
    throw refusedOperation(node, 'is dilated, which no network here can be.');
  }
}

/** Zeros before and after the rows, and before and after the columns. */
export type Zeros = readonly [readonly [number, number], readonly [number, number]];

/** Padding of a window: a layer's own kind of it, or zeros that are put around the picture first. */
export function paddingOf(node: GraphNode): 'same' | 'valid' | Zeros {
  const padding = node.attr['padding']?.s;
  if (padding === 'SAME') return 'same';
  if (padding === 'VALID') return 'valid';
  if (padding === 'EXPLICIT') return zerosOf(node, node.attr['explicit_paddings']?.list?.i ?? []);
  throw refusedOperation(node, 'has no padding that is known.');
}

/** @param paddings - Before and after, of each of batch, rows, columns and channels. */
export function zerosOf(node: GraphNode, paddings: readonly number[]): Zeros {
  const [batch0, batch1, top, bottom, left, right, channel0, channel1] = paddings;
  if (batch0 !== 0 || batch1 !== 0 || channel0 !== 0 || channel1 !== 0) {
    throw refusedOperation(node, 'pads something else than rows and columns.');
  }
  return [
    [top ?? 0, bottom ?? 0],
    [left ?? 0, right ?? 0],
  ];
}

const activations = new Set(['Relu', 'Relu6']);

/** What a fused operation does after its product: a bias first where there is one, then an activation. */
export function fusedOf(node: GraphNode): {
  readonly bias: boolean;
  readonly activation: string | undefined;
} {
  const names = node.attr['fused_ops']?.list?.s ?? [];
  const bias = names[0] === 'BiasAdd';
  const [activation, ...more] = bias ? names.slice(1) : names;
  const unknown = activation !== undefined && !activations.has(activation) ? activation : more[0];
  if (unknown !== undefined) {
    throw refusedOperation(node, `is fused with ${shown(unknown)}, which isn't converted.`);
  }
  return { bias, activation };
}
