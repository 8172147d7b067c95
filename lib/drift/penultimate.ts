import { onnxNames } from '../model/onnx/names';
import { dataTypes, decodeModel, encodeModel } from '../model/onnx/schema';

export interface WithEmbedding {
  /** The same model with one more output. */
  readonly onnx: Uint8Array;
  /** That output's name. */
  readonly embedding: string;
  /** Whether it has each picture, then each picture's mirror image: the model answers with the mean of both. */
  readonly mirrored: boolean;
}

/**
 * A model that also answers what its last layer reads: the picture as the model itself has come to see it, before it decides on a class.
 *
 * @param onnx - As `exportOnnx` or a form of it is: probabilities out, made of one dense layer's logits.
 * @throws Error where no dense layer leads to the probabilities
 */
export function withEmbedding(onnx: Uint8Array): WithEmbedding {
  const graph = decodeModel(onnx);
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)));
  let node = makers.get(onnxNames.output);
  let mirrored = false;
  // Softmax, and for the mean over mirrored pictures what comes before it, read their value first.
  while (node && node.op_type !== 'Gemm') {
    mirrored ||= node.op_type === 'ReduceMean';
    node = makers.get(node.input[0] ?? '');
  }
  const [embedding] = node?.input ?? [];
  if (embedding === undefined) {
    throw new Error(
      'The model has no dense layer before its probabilities, so it gives no embedding. Export it again.',
    );
  }
  const output = [
    ...graph.output,
    { name: embedding, type: { tensor_type: { elem_type: dataTypes.float } } },
  ];
  return { onnx: encodeModel({ ...graph, output }), embedding, mirrored };
}
