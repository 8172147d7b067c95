import { bytesOf, floats } from '../model/onnx/numbers';
import { attribute, dataTypes, type Graph, type Initializer, type Node } from '../model/onnx/schema';
import { activationsOf } from './activations';
import type { Range } from './calibrate';

/**
 * Weights have 7 bits: with 8, processors that have AVX2 and no VNNI add up two products in 16 bits and cut off what is too much, so
 * that the same file would answer otherwise there (ONNX Runtime's guide to quantisation, "reduce_range").
 */
const mostWeight = 63;
const mostActivation = 255;
/** A bias is a whole number of 32 bits; half of what these hold is left to the sum of products that it is added to. */
const mostBias = 2 ** 30;
/** Weights of smaller steps add nothing that is seen, and such steps, times an input's, are soon no float32 any more. */
const leastStep = 2 ** -60;

interface Scale {
  readonly scale: number;
  readonly zero: number;
}

/**
 * A graph with activations of 8 bits and weights of 7, by static quantisation: QuantizeLinear and DequantizeLinear around every
 * operation that ONNX Runtime computes on whole numbers. Kernels have a scale for each output channel
 * (Jacob et al. 2018, https://arxiv.org/abs/1712.05877; Krishnamoorthi 2018, https://arxiv.org/abs/1806.08342).
 *
 * @param ranges - Of every activation, from `rangesOf`.
 */
export function quantise(graph: Graph, ranges: ReadonlyMap<string, Range>): Graph {
  const constants = new Map(graph.initializer.map((one) => [one.name, one]));
  const initializer: Initializer[] = [];
  const node: Node[] = [];
  const constant = (name: string, dims: readonly number[], type: number, raw: Uint8Array): string => {
    initializer.push({ name, dims, data_type: type, raw_data: raw });
    return name;
  };
  const add = (operation: string, name: string, input: readonly string[], axis?: number): string => {
    const attributes = axis === undefined ? [] : [attribute('axis', axis)];
    node.push({ op_type: operation, name, input, output: [name], attribute: attributes });
    return name;
  };

  const scales = new Map<string, Scale>();
  const activations = new Map(activationsOf(graph).map(({ name, scaleOf }) => [name, scaleOf]));
  for (const [name, scaleOf] of activations) scales.set(name, scaleFor(ranges, scaleOf));
  /** What reads an activation reads it as whole numbers turned back. */
  const read = (name: string): string => (activations.has(name) ? `${name}/dequantised` : name);

  for (const one of graph.node) {
    const [value = '', kernel, bias] = one.input;
    const weights = kernel === undefined ? undefined : constants.get(kernel);
    const input = scales.get(value);
    if (weights && input && (one.op_type === 'Conv' || one.op_type === 'Gemm')) {
      const axis = one.op_type === 'Conv' ? 0 : 1;
      const added = bias === undefined ? undefined : constants.get(bias);
      const biases = added && floats(added);
      const { values, steps } = wholeWeights(weights, axis, (channel) =>
        Math.max(leastStep, Math.abs(biases?.[channel] ?? 0) / (input.scale * mostBias)),
      );
      const channels = [steps.length];
      const zeros = bytesOf(new Int8Array(steps.length));
      const inputs = [
        read(value),
        add(
          'DequantizeLinear',
          `${weights.name}/dequantised`,
          [
            constant(`${weights.name}/quantised`, weights.dims, dataTypes.int8, bytesOf(values)),
            constant(`${weights.name}/scale`, channels, dataTypes.float, bytesOf(steps)),
            constant(`${weights.name}/zero`, channels, dataTypes.int8, zeros),
          ],
          axis,
        ),
      ];
      if (added && biases) {
        const steppedBy = steps.map((step) => step * input.scale);
        const whole = Int32Array.from(biases, (of, at) => Math.round(of / (steppedBy[at] ?? NaN)));
        const read32 = [
          constant(`${added.name}/quantised`, channels, dataTypes.int32, bytesOf(whole)),
          constant(`${added.name}/scale`, channels, dataTypes.float, bytesOf(steppedBy)),
        ];
        inputs.push(add('DequantizeLinear', `${added.name}/dequantised`, read32, 0));
      }
      node.push({ ...one, input: inputs });
    } else {
      for (const name of one.input.filter(
        (of) => constants.has(of) && !initializer.some((put) => put.name === of),
      ))
        initializer.push(constants.get(name) ?? never(name));
      node.push({ ...one, input: one.input.map(read) });
    }
    for (const name of one.output) {
      const scale = scales.get(name);
      if (!scale) continue;
      const pair = [
        constant(`${name}/scale`, [], dataTypes.float, bytesOf(Float32Array.of(scale.scale))),
        constant(`${name}/zero`, [], dataTypes.uint8, Uint8Array.of(scale.zero)),
      ];
      add('DequantizeLinear', `${name}/dequantised`, [
        add('QuantizeLinear', `${name}/quantised`, [name, ...pair]),
        ...pair,
      ]);
    }
  }
  return { ...graph, node, initializer };
}

function scaleFor(ranges: ReadonlyMap<string, Range>, name: string): Scale {
  const { low, high } = ranges.get(name) ?? never(name);
  // Of a value that was always 0, any scale would do.
  const scale = high > low ? (high - low) / mostActivation : 1;
  return { scale, zero: Math.min(mostActivation, Math.max(0, Math.round(-low / scale))) };
}

/**
 * Kernels as whole numbers, and for each output channel what one of them stands for.
 *
 * @param leastOf - Of a channel: a bias is counted in the same steps, times the input's, and has to fit where hardly any weights are left.
 */
function wholeWeights(weights: Initializer, axis: 0 | 1, leastOf: (channel: number) => number) {
  const numbers = floats(weights);
  const [rows = 1] = weights.dims;
  const rest = numbers.length / rows;
  // Of a convolution, the first dimension is the output's channels; of a dense layer `[inputs, units]`, the second.
  const channelOf = axis === 0 ? (at: number) => Math.floor(at / rest) : (at: number) => at % rest;
  const steps = Float32Array.from({ length: axis === 0 ? rows : rest }, (_, channel) => leastOf(channel));
  numbers.forEach((value, at) => {
    const channel = channelOf(at);
    steps[channel] = Math.max(steps[channel] ?? 0, Math.abs(value) / mostWeight);
  });
  const values = Int8Array.from(numbers, (value, at) => Math.round(value / (steps[channelOf(at)] ?? NaN)));
  return { values, steps };
}

function never(name: string): never {
  throw new Error(`${name} is not known`);
}
