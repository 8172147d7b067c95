import { layersModelSchema } from '../../contracts/schemas/backbone';
import type { Backbone } from '../../lib/backbones/backbone';
import { saveModel } from '../../lib/model/save';
import type { tf } from '../../lib/tensorflow';

/** A model as it would come from its publisher. */
export async function backboneFiles(model: tf.LayersModel): Promise<Backbone> {
  const { layers, weights } = await saveModel(model);
  const document = layersModelSchema.parse(JSON.parse(Buffer.from(layers).toString()));
  return {
    topology: document.modelTopology,
    weights: document.weightsManifest.flatMap((group) => group.weights),
    bytes: weights,
  };
}
