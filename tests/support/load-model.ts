import { tf } from '../../lib/tensorflow';
import type { SavedModel } from '../../lib/model/save';

/** The model of {@link saveModel}'s bytes, to prove that they hold all of it. Drover itself serves the ONNX form. */
export async function loadModel(saved: SavedModel): Promise<tf.LayersModel> {
  // Their digests were checked where they were read: they are what saveModel wrote.
  const { modelTopology, weightsManifest } = JSON.parse(Buffer.from(saved.layers).toString('utf8')) as {
    modelTopology: object;
    weightsManifest: { weights: Parameters<typeof tf.io.decodeWeights>[1] }[];
  };
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  // A copy, because a view into a larger buffer is no ArrayBuffer of its own.
  const weightData = saved.weights.slice().buffer;
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}
