import { describe, expect, it } from '@jest/globals';
import { networkSchema } from '../../../contracts/schemas/network';
import { openClassifier } from '../../../lib/inference/classifier';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { foldBatchNorm } from '../../../lib/model/onnx/fold-batch-norm';
import { foldPadding } from '../../../lib/model/onnx/fold-padding';
import { GraphBuilder } from '../../../lib/model/onnx/graph';
import { dataTypes, decodeModel, encodeModel, valueInfo, type Graph } from '../../../lib/model/onnx/schema';
import { createRandom } from '../../../lib/random';

const operations = ({ node }: Graph): string[] => node.map(({ op_type: type }) => type);

/** Pictures of 6 × 6 with two channels, through what `write` adds to their float32 form, to two probabilities. */
function small(write: (graph: GraphBuilder, value: string) => string): Graph {
  const graph = new GraphBuilder();
  const cast = graph.add('Cast', 'cast', ['image'], { to: dataTypes.float });
  const first = graph.add('Transpose', 'first', [cast], { perm: [0, 3, 1, 2] });
  const pooled = graph.add('GlobalAveragePool', 'pool', [write(graph, first)]);
  graph.add('Softmax', 'answer', [graph.add('Flatten', 'flat', [pooled], { axis: 1 })], { axis: 1 });
  return graph.build(
    'small',
    valueInfo('image', dataTypes.uint8, ['batch', 6, 6, 2]),
    valueInfo('answer', dataTypes.float, ['batch', 2]),
  );
}

const random = createRandom('fold');
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal() / 50);
const images = Uint8Array.from({ length: 5 * 72 }, () => random.int(256));

async function answers(graph: Graph): Promise<number[]> {
  const classifier = await openClassifier(encodeModel(graph), { threads: 1 });
  const probabilities = await classifier.classify(images, 5);
  await classifier.dispose();
  return [...probabilities];
}

const convolution = { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 0, 0] };

async function expectSame(folded: Graph, graph: Graph): Promise<void> {
  const expected = await answers(graph);
  (await answers(folded)).forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? NaN, 5));
}

describe('what a convolution takes over', () => {
  it.each([true, false])('is a batch norm after it; with a bias of its own: %s', async (biased) => {
    const graph = small((builder, value) => {
      const kernel = builder.constant('kernel', [2, 2, 3, 3], numbers(36));
      const bias = biased ? [builder.constant('bias', [2], numbers(2))] : [];
      const moved = builder.add('Conv', 'conv', [value, kernel, ...bias], convolution);
      const scaled = builder.add('Mul', 'scaled', [moved, builder.constant('scale', [2, 1, 1], numbers(2))]);
      return builder.add('Add', 'norm', [scaled, builder.constant('offset', [2, 1, 1], numbers(2))]);
    });
    const folded = foldBatchNorm(graph);
    expect(operations(folded)).toEqual([
      'Cast',
      'Transpose',
      'Conv',
      'GlobalAveragePool',
      'Flatten',
      'Softmax',
    ]);
    await expectSame(folded, graph);
  });

  it('is not what another operation reads as well', async () => {
    const graph = small((builder, value) => {
      const moved = builder.add(
        'Conv',
        'conv',
        [value, builder.constant('kernel', [2, 2, 3, 3], numbers(36))],
        convolution,
      );
      const scaled = builder.add('Mul', 'scaled', [moved, builder.constant('scale', [2, 1, 1], numbers(2))]);
      return builder.add('Add', 'sum', [scaled, moved]);
    });
    expect(operations(foldBatchNorm(graph))).toEqual(operations(graph));
  });

  it('is padding with zeros before it', async () => {
    const graph = small((builder, value) => {
      const pads = builder.integers('pads', [0, 0, 1, 0, 0, 0, 2, 1]);
      const padded = builder.add('Pad', 'padded', [value, pads], { mode: 'constant' });
      return builder.add(
        'Conv',
        'conv',
        [padded, builder.constant('kernel', [2, 2, 3, 3], numbers(36))],
        convolution,
      );
    });
    const folded = foldPadding(graph);
    expect(operations(folded)).not.toContain('Pad');
    await expectSame(folded, graph);
  });

  it('is every batch norm of a residual network, as it is exported', () => {
    const shape = { height: 16, width: 16, channels: 3, classes: 4 };
    const network = networkSchema.parse({ name: 'resnet', filters: [4, 6], blocks: 1 });
    const model = createNetwork(network, shape, { mean: [0, 0, 0], std: [1, 1, 1] }, 1);
    expect(operations(decodeModel(exportOnnx(model)))).not.toContain('Mul');
  });
});
