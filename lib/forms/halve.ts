import { bytesOf, floats } from '../model/onnx/numbers';
import { attribute, dataTypes, type Graph, type Node } from '../model/onnx/schema';

/** Constants with fewer numbers than this stay as they are: they weigh nothing, and normalisation is among them. */
const fewest = 64;

/**
 * A graph whose weights are stored in float16 and widened as the model is opened: half the size, computed in float32 as before (on a CPU, half
 * precision is not faster). Weights are rounded to the nearest, ties to even; those too large for float16 become its greatest.
 */
export function halve(graph: Graph): Graph {
  const large = graph.initializer.filter(
    ({ data_type: type, raw_data: raw }) => type === dataTypes.float && raw.length / 4 >= fewest,
  );
  const names = new Set(large.map(({ name }) => name));
  const widened = (name: string): string => (names.has(name) ? `${name}/widened` : name);
  const casts = large.map(({ name }): Node => ({
    op_type: 'Cast',
    name: widened(name),
    input: [name],
    output: [widened(name)],
    attribute: [attribute('to', dataTypes.float)],
  }));
  return {
    ...graph,
    node: [...casts, ...graph.node.map((node) => ({ ...node, input: node.input.map(widened) }))],
    initializer: graph.initializer.map((one) => {
      if (!names.has(one.name)) return one;
      const halves = Uint16Array.from(floats(one), toHalf);
      return { ...one, data_type: dataTypes.float16, raw_data: bytesOf(halves) };
    }),
  };
}

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

/** The bits of the nearest float16 (IEEE 754 binary16), ties to even; the greatest finite one where it is larger. */
export function toHalf(value: number): number {
  single[0] = value;
  const [bits = 0] = word;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // 65,520 and above would round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7bff;
  // Below 2⁻¹⁴ a float16 counts in steps of 2⁻²⁴.
  if (magnitude < 0x38800000) {
    const steps = Math.abs(value) * 2 ** 24;
    const whole = Math.floor(steps);
    const rest = steps - whole;
    return sign | (whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0));
  }
  const even = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + even) >>> 13);
}
