import type { Graph, Node } from './schema';

/** A graph in which zeros around a picture that only a convolution reads are part of that convolution. */
export function foldPadding(graph: Graph): Graph {
  const constants = new Map(graph.initializer.map((one) => [one.name, one]));
  const producers = new Map(graph.node.map((node) => [node.output[0], node]));
  const readersOf = (name: string) => graph.node.filter(({ input }) => input.includes(name)).length;
  const folded = new Set<Node>();
  const node = graph.node.map((one) => {
    const [value = '', ...rest] = one.input;
    const padding = producers.get(value);
    if (one.op_type !== 'Conv' || padding?.op_type !== 'Pad' || readersOf(value) !== 1) return one;
    const [picture = '', around = ''] = padding.input;
    const [, , top = 0, left = 0, , , bottom = 0, right = 0] = wholeNumbers(constants.get(around)?.raw_data);
    folded.add(padding);
    const attribute = one.attribute.map((of) =>
      of.name === 'pads' ? { ...of, ints: sum(of.ints ?? [], [top, left, bottom, right]) } : of,
    );
    return { ...one, input: [picture, ...rest], attribute };
  });
  const kept = node.filter((one) => !folded.has(one));
  const used = new Set(kept.flatMap(({ input }) => input));
  return { ...graph, node: kept, initializer: graph.initializer.filter(({ name }) => used.has(name)) };
}

function sum(one: readonly number[], other: readonly number[]): number[] {
  return other.map((value, at) => value + (one[at] ?? 0));
}

function wholeNumbers(raw: Uint8Array = new Uint8Array()): number[] {
  return Array.from(new BigInt64Array(Uint8Array.from(raw).buffer), Number);
}
