import { onnxNames } from '../model/onnx/names';
import type { Graph, Node } from '../model/onnx/schema';

/** Operations that ONNX Runtime computes on whole numbers where their inputs and output are quantised. */
const onIntegers = new Set([
  'Conv',
  'Gemm',
  'Add',
  'Concat',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'Flatten',
  'Pad',
  'Relu',
  'Clip',
]);

/** Whose output has its input's numbers, and so its input's scale. */
const passing = new Set(['MaxPool', 'Flatten', 'Pad']);

/** Operations that make a picture's bytes the numbers that a network reads; the last of them is the Div, in graphs of version 0.1.0 the Transpose. */
const normalising = new Set(['Transpose', 'Cast', 'Sub', 'Div']);

/** A value between two operations that is kept as whole numbers. */
export interface Activation {
  readonly name: string;
  /** The activation whose scale it has. */
  readonly scaleOf: string;
}

/**
 * What is quantised of a graph that `exportOnnx` made: from the normalised picture to what the last operation reads. The logits
 * stay float32, where rounding would be seen in every probability; so does what only a ReLU reads, which is computed with it.
 */
export function activationsOf(graph: Graph): readonly Activation[] {
  const reading = new Map<string, Node[]>();
  for (const node of graph.node)
    for (const name of node.input) reading.set(name, [...(reading.get(name) ?? []), node]);
  const scales = new Map<string, string>();
  for (const { op_type: operation, input, output } of graph.node) {
    const [name = ''] = output;
    const readers = reading.get(name) ?? [];
    const isPicture =
      normalising.has(operation) && !readers.some(({ op_type: next }) => normalising.has(next));
    if (!isPicture && (!onIntegers.has(operation) || input.includes(onnxNames.input))) continue;
    const onlyCut = readers.every(({ op_type: next }) => next === 'Relu' || next === 'Clip');
    const isLogits = readers.some(({ op_type: next }) => next === 'Softmax' || next === 'Reshape');
    if (onlyCut || isLogits) continue;
    const [value = ''] = input;
    scales.set(name, passing.has(operation) ? (scales.get(value) ?? name) : name);
  }
  return [...scales].map(([name, scaleOf]) => ({ name, scaleOf }));
}
