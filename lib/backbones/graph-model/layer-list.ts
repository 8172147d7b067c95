import type { BackboneWeight } from '../../../contracts/schemas/backbone';
import type { Backbone } from '../backbone';
import type { Constant } from './constants';

/** A layer as TF.js' layers models describe it, with Keras' own words for its settings. */
export interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly config: Record<string, unknown>;
  readonly inputs: readonly Layer[];
  /** In any order: they are found by name. */
  readonly weights: Map<string, Constant>;
}

/** The layers of a model in the making, each after those that it reads. */
export class LayerList {
  readonly #layers: Layer[] = [];
  readonly #names = new Set<string>();
  readonly #folder: string;

  /** @param operations - The graph's; what all their names begin with is left out of the layers' names. */
  constructor(operations: readonly string[]) {
    this.#folder = commonFolder(operations);
  }

  add(
    kind: string,
    operation: string,
    inputs: readonly Layer[],
    config: Record<string, unknown> = {},
    weights: Readonly<Record<string, Constant>> = {},
  ): Layer {
    const layer: Layer = {
      ...{ name: this.#nameOf(operation), kind, config, inputs },
      weights: new Map(Object.entries(weights)),
    };
    this.#layers.push(layer);
    return layer;
  }

  /** The model from its input to this layer. */
  build(output: Layer): Backbone {
    const weights: BackboneWeight[] = [];
    const parts: Uint8Array[] = [];
    for (const { name, weights: own } of this.#layers) {
      for (const [role, { weight, bytes }] of own) {
        weights.push({ ...weight, name: `${name}/${role}` });
        parts.push(bytes);
      }
    }
    const layers = this.#layers.map(({ name, kind, config, inputs }) => ({
      name,
      class_name: kind,
      config: { ...config, name },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input.name, 0, 0, {}])],
    }));
    const ends = (of: Layer | undefined) => (of ? [[of.name, 0, 0]] : []);
    const config = {
      name: 'backbone',
      layers,
      input_layers: ends(this.#layers.find(({ kind }) => kind === 'InputLayer')),
      output_layers: ends(output),
    };
    const topology = { class_name: 'Model', config };
    return { topology, weights, bytes: Buffer.concat(parts) };
  }

  #nameOf(operation: string): string {
    const own = operation.startsWith(this.#folder) ? operation.slice(this.#folder.length) : operation;
    // TF.js wants names to begin with a letter or a digit.
    const plain = own.replace(/[^\w.-]/g, '_').replace(/^(?=[^A-Za-z0-9]|$)/, 'op');
    let name = plain;
    for (let number = 2; this.#names.has(name); number += 1) name = `${plain}_${number}`;
    this.#names.add(name);
    return name;
  }
}

/** `StatefulPartitionedCall/mobilenet/` where every name with a folder begins with that. */
function commonFolder(names: readonly string[]): string {
  const [first, ...others] = names.filter((name) => name.includes('/'));
  if (first === undefined) return '';
  let length = first.lastIndexOf('/') + 1;
  for (const name of others) {
    while (length > 0 && !name.startsWith(first.slice(0, length))) {
      length = first.slice(0, length - 1).lastIndexOf('/') + 1;
    }
  }
  return first.slice(0, length);
}
