import { describe, expect, it } from '@jest/globals';
import { networkSchema } from '../../../contracts/schemas/network';
import { activationsOf } from '../../../lib/forms/activations';
import { rangesOf } from '../../../lib/forms/calibrate';
import { halve } from '../../../lib/forms/halve';
import { quantise } from '../../../lib/forms/quantise';
import { openClassifier } from '../../../lib/inference/classifier';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { bytesOf, floats } from '../../../lib/model/onnx/numbers';
import { dataTypes, decodeModel, encodeModel, type Graph } from '../../../lib/model/onnx/schema';
import { createRandom } from '../../../lib/random';

const shape = { height: 16, width: 16, channels: 3, classes: 4 };
const size = shape.height * shape.width * shape.channels;

function graphOf(network: object, averageFlip = false): { graph: Graph; bytes: Uint8Array } {
  const config = networkSchema.parse(network);
  const model = createNetwork(config, shape, { mean: [110, 120, 130], std: [60, 60, 60] }, 3);
  const bytes = exportOnnx(model, { averageFlip });
  model.dispose();
  return { graph: decodeModel(bytes), bytes };
}

const networks = [
  { name: 'cnn', filters: [6, 8], dense: 16, dropout: 0.2 },
  { name: 'resnet', filters: [6, 8], blocks: 1 },
];

const count = 24;
const random = createRandom('pictures');
const images = Uint8Array.from({ length: count * size }, () => random.int(256));

async function answers(onnx: Uint8Array): Promise<Float32Array> {
  const classifier = await openClassifier(onnx, { threads: 1 });
  try {
    return await classifier.classify(images, count);
  } finally {
    await classifier.dispose();
  }
}

const furthest = (one: Float32Array, other: Float32Array): number =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? NaN))), 0);

async function quantised(graph: Graph): Promise<Graph> {
  const names = [...new Set(activationsOf(graph).map(({ scaleOf }) => scaleOf))];
  return quantise(graph, await rangesOf({ graph, names, images, count }));
}

describe.each(networks)('a quantised $name', (network) => {
  it('answers nearly as it did, from weights of 8 bits', async () => {
    const { graph, bytes } = graphOf(network);
    const whole = await quantised(graph);
    const difference = furthest(await answers(encodeModel(whole)), await answers(bytes));
    expect(difference).toBeLessThan(0.05);
    // It is not the same network under another name.
    expect(difference).toBeGreaterThan(1e-6);
    const kernels = whole.initializer.filter(({ data_type: type }) => type === dataTypes.int8);
    const layers = graph.node.filter(({ op_type: type }) => type === 'Conv' || type === 'Gemm').length;
    // Each with its weights and its zeros.
    expect(kernels).toHaveLength(2 * layers);
  });

  it('has weights of 7 bits, so that processors without VNNI answer the same', async () => {
    const { graph } = graphOf(network);
    const kernels = (await quantised(graph)).initializer.filter(({ name }) =>
      name.endsWith('kernel/quantised'),
    );
    for (const { raw_data: raw } of kernels) {
      const values = new Int8Array(Uint8Array.from(raw).buffer);
      expect(Math.max(...values.map(Math.abs))).toBe(63);
    }
  });

  it('reads and answers through whole numbers everywhere but at its ends', async () => {
    const { graph } = graphOf(network);
    const whole = await quantised(graph);
    const producers = new Map(whole.node.map((node) => [node.output[0], node.op_type]));
    for (const { op_type: type, input } of whole.node) {
      if (type === 'Conv' || type === 'Gemm' || type === 'MaxPool')
        expect([type, producers.get(input[0] ?? '')]).toEqual([type, 'DequantizeLinear']);
    }
    expect(producers.get('logits')).toBe('Gemm');
  });
});

/** The graph with the weights of some channels of its first convolution multiplied, beside biases of their own. */
function withFaint(graph: Graph, layer: string, by: number): Graph {
  const biases = [0.7, -3, 0.02];
  const initializer = graph.initializer.map((one) => {
    if (one.name !== `${layer}/kernel` && one.name !== `${layer}/bias`) return one;
    const numbers = floats(one);
    const each = numbers.length / (one.dims[0] ?? 1);
    const changed = numbers.map((value, at) => {
      const bias = biases[Math.floor(at / each)];
      if (bias === undefined) return value;
      return one.name.endsWith('bias') ? bias : value * by;
    });
    return { ...one, raw_data: bytesOf(changed) };
  });
  return { ...graph, initializer };
}

describe.each([
  { ...networks[0], layer: 'conv1' },
  { ...networks[1], layer: 'stem' },
])('of a quantised $name, a channel with hardly any weights', ({ layer, ...network }) => {
  it.each([1e-6, 1e-9, 1e-15, 1e-30, 1e-43, 0])('keeps its bias, weights being %d of others', async (by) => {
    const graph = withFaint(graphOf(network).graph, layer, by);
    const whole = await quantised(graph);
    const numbers = new Map(
      whole.initializer.map(({ name, raw_data: raw }) => [name, Uint8Array.from(raw).buffer]),
    );
    const counted = new Int32Array(numbers.get(`${layer}/bias/quantised`) ?? new ArrayBuffer(0));
    const steps = new Float32Array(numbers.get(`${layer}/bias/scale`) ?? new ArrayBuffer(0));
    const kept = [...counted].slice(0, 3).map((value, at) => value * (steps[at] ?? NaN));
    for (const [at, bias] of [0.7, -3, 0.02].entries()) expect(kept[at]).toBeCloseTo(bias, 6);

    const [answered, plain] = [await answers(encodeModel(whole)), await answers(encodeModel(graph))];
    // Weights that still are a ten-thousandth say what is lost by the rounding of all others.
    const usual = withFaint(graphOf(network).graph, layer, 1e-4);
    const loss = furthest(
      await answers(encodeModel(await quantised(usual))),
      await answers(encodeModel(usual)),
    );
    expect(furthest(answered, plain)).toBeLessThan(loss + 0.01);
  });
});

describe('a quantised network that looks at mirror images, too', () => {
  it('answers nearly as it did', async () => {
    const { graph, bytes } = graphOf({ name: 'resnet', filters: [6, 8], blocks: 1 }, true);
    const whole = encodeModel(await quantised(graph));
    expect(furthest(await answers(whole), await answers(bytes))).toBeLessThan(0.05);
  });
});

describe('a graph of version 0.1.0, which put channels first last', () => {
  it('is quantised from the same place on', () => {
    const { graph } = graphOf({ name: 'cnn', filters: [6, 8], dense: 16 });
    const picture = graph.node.findIndex(({ op_type: type }) => type === 'Div');
    const [before, after] = [graph.node.slice(0, picture + 1), graph.node.slice(picture + 1)];
    expect(before.map(({ op_type: type }) => type)).toEqual(['Transpose', 'Cast', 'Sub', 'Div']);
    const [one] = before;
    if (one === undefined) throw new Error('a graph without operations');
    const old = ['Cast', 'Sub', 'Div', 'Transpose'].map((type, at) => ({
      ...one,
      op_type: type,
      input: [at === 0 ? 'image' : `step ${at - 1}`],
      output: at === 3 ? (graph.node[picture]?.output ?? []) : [`step ${at}`],
    }));
    expect(activationsOf({ ...graph, node: [...old, ...after] })).toEqual(activationsOf(graph));
    expect(activationsOf(graph)[0]?.name).toBe(graph.node[picture]?.output[0]);
  });
});

describe('a halved network', () => {
  it('answers nearly as it did, with half the weights', async () => {
    const { graph, bytes } = graphOf({ name: 'cnn', filters: [6, 8], dense: 16, dropout: 0 });
    const half = encodeModel(halve(graph));
    expect(furthest(await answers(half), await answers(bytes))).toBeLessThan(2e-3);
    expect(half.length).toBeLessThan(bytes.length * 0.6);
  });
});
