import { attribute, dataTypes, type Graph, type Initializer, type Node, type ValueInfo } from './schema';

/** A graph in the making: each operation is added with its inputs and gives its output's name. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];

  /** Adds a constant of float32 values in row-major order, and gives its name. */
  constant(name: string, dims: readonly number[], values: Float32Array): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.push({ name, dims, data_type: dataTypes.float, raw_data: raw });
    return name;
  }

  /** Adds a constant of whole numbers, and gives its name. */
  integers(name: string, values: readonly number[]): string {
    const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.#initializers.push({ name, dims: [values.length], data_type: dataTypes.int64, raw_data: raw });
    return name;
  }

  /** Adds an operation with one output, which bears the node's name. */
  add(
    operation: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | string | readonly number[]>> = {},
  ): string {
    this.#nodes.push({
      op_type: operation,
      name,
      input: inputs,
      output: [name],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return name;
  }

  build(name: string, input: ValueInfo, output: ValueInfo): Graph {
    return { name, node: this.#nodes, initializer: this.#initializers, input: [input], output: [output] };
  }
}
