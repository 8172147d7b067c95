import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { GraphBuilder } from '../../lib/model/onnx/graph';
import { dataTypes, encodeModel, valueInfo } from '../../lib/model/onnx/schema';

/** How the pictures of a {@link colorModel} must be prepared. */
export const colorPreprocessing: Preprocessing = { size: 8, color: 'rgb', fit: 'contain' };

/**
 * A real ONNX model that needs no training: it answers which of red, green and blue a picture has most of, as
 * the softmax of the three channels' means.
 *
 * @param order - Which channel each class is: `[2, 1, 0]` for the classes blue, green, red.
 */
export function colorModel(order: readonly number[] = [0, 1, 2]): Uint8Array {
  const graph = new GraphBuilder();
  const weights = new Float32Array(9);
  order.forEach((channel, position) => {
    weights[channel * 3 + position] = 0.02;
  });
  const pixels = graph.add('Cast', 'pixels', ['image'], { to: dataTypes.float });
  const means = graph.add('ReduceMean', 'means', [pixels], { axes: [1, 2], keepdims: 0 });
  const kernel = graph.constant('kernel', [3, 3], weights);
  const logits = graph.add('MatMul', 'logits', [means, kernel]);
  graph.add('Softmax', 'probabilities', [logits], { axis: 1 });
  return encodeModel(
    graph.build(
      'color',
      valueInfo('image', dataTypes.uint8, ['batch', 8, 8, 3]),
      valueInfo('probabilities', dataTypes.float, ['batch', 3]),
    ),
  );
}
