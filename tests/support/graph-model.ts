import { layerGraph } from '../../lib/model/program/graph';
import type { tf } from '../../lib/tensorflow';

/** A TF.js graph model as its two files, for `tf.io.fromMemory` and for a web server alike. */
export interface GraphModelFiles {
  readonly document: {
    readonly format: 'graph-model';
    readonly modelTopology: { node: object[]; versions: object; library: object };
    readonly signature: object;
    readonly weightsManifest: [{ paths: string[]; weights: Weight[] }];
  };
  readonly bytes: Uint8Array;
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

type Attributes = Readonly<Record<string, object>>;

const text = (value: string) => Buffer.from(value).toString('base64');
export const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
export const words = (...values: string[]) => ({ list: { s: values.map(text) } });
export const word = (value: string) => ({ s: text(value) });
export const yes = (value: boolean) => ({ b: value });

/** A frozen graph in the making, written as tensorflowjs_converter writes it. */
export class GraphWriter {
  readonly #nodes: object[] = [];
  readonly #weights: Weight[] = [];
  readonly #parts: Uint8Array[] = [];

  constructor(readonly folder = '') {}

  pixels(height: number, width: number): string {
    const dim = [-1, height, width, 3].map((size) => ({ size: String(size) }));
    this.#nodes.push({
      name: 'pixels_in',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } },
    });
    return 'pixels_in';
  }

  add(op: string, name: string, input: readonly string[], attr: Attributes = {}): string {
    const full = `${this.folder}${name}`;
    this.#nodes.push({ name: full, op, input, attr: { T: { type: 'DT_FLOAT' }, ...attr } });
    return full;
  }

  constant(name: string, shape: readonly number[], values: ArrayLike<number>, whole = false): string {
    const full = `${this.folder}${name}`;
    this.#nodes.push({ name: full, op: 'Const', attr: { dtype: { type: whole ? 'DT_INT32' : 'DT_FLOAT' } } });
    this.#weights.push({ name: full, shape, dtype: whole ? 'int32' : 'float32' });
    const typed = whole ? Int32Array.from(values) : Float32Array.from(values);
    this.#parts.push(new Uint8Array(typed.buffer));
    return full;
  }

  files(output: string): GraphModelFiles {
    return {
      document: {
        format: 'graph-model',
        modelTopology: { node: this.#nodes, versions: {}, library: {} },
        signature: { outputs: { features: { name: `${output}:0` } } },
        weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: this.#weights }],
      },
      bytes: Buffer.concat(this.#parts),
    };
  }
}

export const same = { padding: word('SAME'), data_format: word('NHWC'), dilations: ints(1, 1, 1, 1) };
export const valid = { ...same, padding: word('VALID') };

/** A layers model of MobileNet's kinds of layers as TensorFlow freezes it, no operations fused, its mean kept as a pixel. */
export function graphOf(model: tf.LayersModel, folder: string): GraphModelFiles {
  const graph = new GraphWriter(folder);
  const [, height = 0, width = 0] = (model.inputs[0]?.shape ?? []).map(Number);
  const values = new Map([[0, graph.pixels(height, width)]]);
  const { calls, output } = layerGraph(model);
  for (const { layer, inputs: numbers, output: number } of calls) {
    const { name } = layer;
    const inputs = numbers.map((of) => values.get(of) ?? '');
    const config = layer.getConfig();
    const constants = layer.getWeights().map((weight, at) => {
      return graph.constant(`${name}/weight${at}`, weight.shape, weight.dataSync());
    });
    const strides = Array.isArray(config['strides']) ? config['strides'].map(Number) : [1, 1];
    const moved = {
      ...(config['padding'] === 'same' ? same : valid),
      strides: ints(1, ...strides, 1),
    };
    const write: Record<string, () => string> = {
      ZeroPadding2D: () => {
        const paddings = [0, 0, ...(config['padding'] as number[][]).flat(), 0, 0];
        return graph.add('Pad', name, [...inputs, graph.constant(`${name}/by`, [4, 2], paddings, true)]);
      },
      Conv2D: () => graph.add('Conv2D', name, [...inputs, ...constants], moved),
      DepthwiseConv2D: () => graph.add('DepthwiseConv2dNative', name, [...inputs, ...constants], moved),
      BatchNormalization: () =>
        graph.add('FusedBatchNormV3', name, [...inputs, ...constants], {
          epsilon: { f: config['epsilon'] as number },
          is_training: yes(false),
          data_format: word('NHWC'),
        }),
      ReLU: () => graph.add('Relu6', name, inputs),
      Add: () => graph.add('AddV2', name, inputs),
    };
    values.set(number, write[layer.getClassName()]?.() ?? '');
  }
  const axes = graph.constant('mean/axes', [2], [1, 2], true);
  const mean = graph.add('Mean', 'mean', [values.get(output) ?? '', axes], { keep_dims: yes(true) });
  const squeezed = graph.add('Squeeze', 'squeezed', [mean], { squeeze_dims: ints(1, 2) });
  return graph.files(graph.add('Identity', 'out', [squeezed]));
}
