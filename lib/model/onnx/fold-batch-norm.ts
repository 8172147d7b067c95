import { bytesOf, floats } from './numbers';
import { dataTypes, type Graph, type Initializer, type Node } from './schema';

/**
 * A graph in which what follows a convolution and only multiplies and adds by channel, as a batch norm does after training, is part
 * of the convolution's own kernel and bias: so many passes over the pictures less, and one range less to quantise.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const constants = new Map(graph.initializer.map((one) => [one.name, one]));
  const readers = new Map<string, number>();
  for (const name of [...graph.node.flatMap(({ input }) => input), ...graph.output.map((one) => one.name)])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  /** The nodes so far, by their output. */
  const nodes = new Map<string, Node>();
  for (const node of graph.node) {
    const folded = fold(node, nodes, constants, readers);
    if (folded) nodes.delete(folded.of);
    nodes.set(node.output[0] ?? '', folded?.node ?? node);
  }
  const used = new Set([...nodes.values()].flatMap(({ input }) => input));
  return {
    ...graph,
    node: [...nodes.values()],
    initializer: [...constants.values()].filter(({ name }) => used.has(name)),
  };
}

/** The convolution that this node becomes part of, under this node's name; undefined where it can't. */
function fold(
  { op_type: operation, input: [value = '', by = ''], output, name }: Node,
  nodes: ReadonlyMap<string, Node>,
  constants: Map<string, Initializer>,
  readers: ReadonlyMap<string, number>,
): { readonly node: Node; readonly of: string } | undefined {
  if (operation !== 'Mul' && operation !== 'Add') return undefined;
  const convolution = nodes.get(value);
  if (convolution?.op_type !== 'Conv' || readers.get(value) !== 1) return undefined;
  const [picture = '', kernelName = '', biasName] = convolution.input;
  const kernel = constants.get(kernelName);
  const constant = constants.get(by);
  const channels = kernel?.dims[0] ?? 0;
  if (!kernel || constant?.dims.join() !== [channels, 1, 1].join() || readers.get(kernelName) !== 1)
    return undefined;

  const values = floats(constant);
  const bias = biasName === undefined ? undefined : constants.get(biasName);
  const before = bias ? floats(bias) : new Float32Array(channels);
  const after = before.map((of, at) =>
    operation === 'Mul' ? of * (values[at] ?? NaN) : of + (values[at] ?? NaN),
  );
  const put = (as: string, dims: readonly number[], numbers: Float32Array): string => {
    constants.set(as, { name: as, dims, data_type: dataTypes.float, raw_data: bytesOf(numbers) });
    return as;
  };
  if (operation === 'Mul') {
    const size = kernel.dims.slice(1).reduce((product, length) => product * length, 1);
    const scaled = floats(kernel).map((of, at) => of * (values[Math.floor(at / size)] ?? NaN));
    put(kernelName, kernel.dims, scaled);
  }
  const input = [picture, kernelName, put(biasName ?? `${convolution.name}/bias`, [channels], after)];
  return { node: { ...convolution, name, input, output }, of: value };
}
