import { createRandom } from '../../lib/random';
import { GraphBuilder } from '../../lib/model/onnx/graph';
import { dataTypes, encodeModel, valueInfo } from '../../lib/model/onnx/schema';

/**
 * A real ONNX model of the pictures that `putBars` makes, untrained: one dense layer, drawn at random, that reads every pixel's mean of its
 * channels.
 */
export function barModel(size = 12): Uint8Array {
  const random = createRandom('bar model');
  const graph = new GraphBuilder();
  const pixels = graph.add('Cast', 'pixels', ['image'], { to: dataTypes.float });
  const scaled = graph.add('Div', 'scaled', [pixels, graph.constant('range', [1], Float32Array.of(255))]);
  const grey = graph.add('ReduceMean', 'grey', [scaled], { axes: [3], keepdims: 0 });
  const flat = graph.add('Flatten', 'flat', [grey], { axis: 1 });
  const kernel = graph.constant(
    'kernel',
    [size * size, 3],
    Float32Array.from({ length: size * size * 3 }, () => random.normal() / size),
  );
  const logits = graph.add('Gemm', 'logits', [
    flat,
    kernel,
    graph.constant('bias', [3], new Float32Array(3)),
  ]);
  graph.add('Softmax', 'probabilities', [logits], { axis: 1 });
  return encodeModel(
    graph.build(
      'bars',
      valueInfo('image', dataTypes.uint8, ['batch', size, size, 3]),
      valueInfo('probabilities', dataTypes.float, ['batch', 3]),
    ),
  );
}
