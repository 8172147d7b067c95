import { describe, expect, it } from '@jest/globals';
import { graphModelSchema } from '../../../contracts/schemas/backbone';
import { layersOfGraph } from '../../../lib/backbones/graph-model/convert';
import { loadBackbone } from '../../../lib/model/load-backbone';
import { createProgram } from '../../../lib/model/program/program';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';
import {
  GraphWriter,
  graphOf,
  ints,
  same,
  valid,
  word,
  words,
  yes,
  type GraphModelFiles,
} from '../../support/graph-model';
import { smallBackbone } from '../../support/small-backbone';

const random = createRandom('graph');
const numbers = (count: number) => Array.from({ length: count }, () => random.normal() * 0.5);
const strides = (by: number) => ({ strides: ints(1, by, by, 1) });

const converted = (files: GraphModelFiles) =>
  layersOfGraph(graphModelSchema.parse(JSON.parse(JSON.stringify(files.document))), files.bytes);

function pictures(height: number, width: number): tf.Tensor {
  const values = Float32Array.from({ length: 3 * height * width * 3 }, () => random.normal());
  return tf.tensor(values, [3, height, width, 3]);
}

function only(tensor: tf.Tensor | tf.Tensor[] | tf.NamedTensorMap): tf.Tensor {
  if (!(tensor instanceof tf.Tensor)) throw new Error('one tensor');
  return tensor;
}

/** What TF.js' own executor of graphs makes of the same files. */
async function executed(files: GraphModelFiles, input: tf.Tensor): Promise<Float32Array> {
  const { modelTopology, weightsManifest } = files.document;
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology,
      signature: files.document.signature,
      weightSpecs: weightsManifest[0].weights as never,
      weightData: Uint8Array.from(files.bytes).buffer,
    }),
  );
  return Float32Array.from(only(model.predict(input)).dataSync());
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length);
  let furthest = 0;
  for (let at = 0; at < expected.length; at += 1) {
    furthest = Math.max(furthest, Math.abs((found[at] ?? NaN) - (expected[at] ?? NaN)));
  }
  expect(furthest).toBeLessThanOrEqual(1e-5);
}

/** Every operation that the converter of TF.js fuses, and those that stand alone beside them. */
function fusedGraph(): GraphModelFiles {
  const graph = new GraphWriter('StatefulPartitionedCall/net/');
  const kernel = (name: string, shape: number[]) =>
    graph.constant(name, shape, numbers(shape.reduce((a, b) => a * b)));
  const input = graph.pixels(13, 10);
  const stem = graph.add(
    '_FusedConv2D',
    'stem/Conv2D',
    [input, kernel('stem/k', [3, 3, 3, 4]), kernel('stem/b', [4])],
    {
      ...same,
      ...strides(2),
      fused_ops: words('BiasAdd', 'Relu6'),
      num_args: { i: '1' },
    },
  );
  const depthwise = graph.add(
    'FusedDepthwiseConv2dNative',
    'depthwise',
    [stem, kernel('depthwise/k', [3, 3, 4, 2]), kernel('depthwise/b', [8])],
    { ...same, ...strides(1), fused_ops: words('BiasAdd', 'Relu'), num_args: { i: '1' } },
  );
  const projected = graph.add('Conv2D', 'project', [depthwise, kernel('project/k', [1, 1, 8, 4])], {
    ...valid,
    ...strides(1),
  });
  // Read twice: its bias can't go into the convolution.
  const shifted = graph.add('AddV2', 'shifted', [kernel('shift', [1, 1, 1, 4]), projected]);
  const biased = graph.add('BiasAdd', 'biased', [projected, kernel('bias', [4])], {
    data_format: word('NHWC'),
  });
  const sum = graph.add('Add', 'sum', [shifted, biased]);
  const pooled = graph.add('MaxPool', 'max', [sum], { ...same, ksize: ints(1, 3, 3, 1), ...strides(2) });
  const mean = graph.add('AvgPool', 'mean', [pooled], { ...same, ksize: ints(1, 2, 2, 1), ...strides(1) });
  const flat = graph.add('Reshape', 'flat', [mean, graph.constant('flat/shape', [2], [-1, 48], true)]);
  const dense = graph.add(
    '_FusedMatMul',
    'dense',
    [flat, kernel('dense/k', [48, 6]), kernel('dense/b', [6])],
    {
      transpose_a: yes(false),
      transpose_b: yes(false),
      fused_ops: words('BiasAdd', 'Relu'),
      num_args: { i: '1' },
    },
  );
  const turned = graph.add('MatMul', 'turned', [dense, kernel('turned/k', [5, 6])], {
    transpose_a: yes(false),
    transpose_b: yes(true),
  });
  return graph.files(graph.add('Relu', 'last', [turned]));
}

describe('a graph model', () => {
  it('answers as the layers model that it was made of, and as TF.js executes it', async () => {
    const layers = smallBackbone().layers[0];
    if (!(layers instanceof tf.LayersModel)) throw new Error('a nested model');
    const files = graphOf(layers, 'model/inner/');
    const input = pictures(16, 16);
    const model = await loadBackbone(converted(files));
    const answer = only(model.predictOnBatch(input)).dataSync();
    const before = only(layers.predictOnBatch(input));
    expectClose(answer, tf.mean(before, [1, 2]).dataSync());
    expectClose(answer, await executed(files, input));
    // What a user fine-tunes from: the layers' own names.
    expect(model.layers.map(({ name }) => name)).toEqual(expect.arrayContaining(['stem', 'project_norm']));
  });

  it('with fused operations answers as TF.js executes it', async () => {
    const files = fusedGraph();
    const input = pictures(13, 10);
    const model = await loadBackbone(converted(files));
    expectClose(only(model.predictOnBatch(input)).dataSync(), await executed(files, input));
    // Every layer of it has an operation to train by.
    createProgram(model, { type: 'float32', statistics: 'moving' }).dispose();
  });

  it('gives the same layers and bytes each time', () => {
    const files = fusedGraph();
    expect(converted(files)).toEqual(converted(files));
  });

  const stem = (attributes: object, op = 'Conv2D') => {
    const graph = new GraphWriter();
    const kernel = graph.constant('k', [3, 3, 3, 2], numbers(54));
    return graph.files(
      graph.add(op, 'first', [graph.pixels(8, 8), kernel], { ...same, ...strides(1), ...attributes }),
    );
  };

  it.each([
    ['an operation that there is no layer for', stem({}, 'Softplus'), /"first" \(Softplus\) has no layer/],
    ['one by a name that objects have', stem({}, 'constructor'), /\(constructor\) has no layer/],
    ['channels first', stem({ data_format: word('NCHW') }), /channels first/],
    ['a dilated convolution', stem({ dilations: ints(1, 2, 2, 1) }), /dilated/],
    [
      'a fused activation without a layer',
      stem({ fused_ops: words('Elu') }, '_FusedConv2D'),
      /fused with "Elu"/,
    ],
    ['strides over the batch', stem({ strides: ints(2, 1, 1, 1) }), /strides/],
  ])('is refused with %s', (_, files, message) => {
    expect(() => converted(files)).toThrow(
      expect.objectContaining({
        type: 'configuration-invalid',
        message: expect.stringMatching(message) as unknown,
      }),
    );
  });

  it('is refused with a ring, a hole, or two outputs', () => {
    const ring = new GraphWriter();
    ring.pixels(8, 8);
    ring.add('Relu', 'a', ['b']);
    expect(() => converted(ring.files(ring.add('Relu', 'b', ['a'])))).toThrow(/ring/);
    const hole = new GraphWriter();
    expect(() => converted(hole.files(hole.add('Relu', 'a', ['nowhere'])))).toThrow(/"nowhere".*isn't in it/);
    const two = new GraphWriter();
    const input = two.pixels(8, 8);
    two.add('Relu', 'a', [input]);
    const files = two.files(two.add('Relu', 'b', [input]));
    const document = { ...files.document, signature: { outputs: {} } };
    expect(() => converted({ ...files, document })).toThrow(/2 outputs/);
  });

  it('is refused, not run out of stack by, a chain of 50,000 operations that ends nowhere', () => {
    const graph = new GraphWriter();
    for (let at = 0; at < 50_000; at += 1) graph.add('Relu', `a${at}`, [at === 0 ? 'nowhere' : `a${at - 1}`]);
    expect(() => converted(graph.files('a49999'))).toThrow(/"nowhere"/);
  });
});
