import { tf } from '../tensorflow';

/** A TF.js layers model as its two files: `model.json` names `weights.bin`. */
export interface SavedModel {
  /** UTF-8 JSON, as `tf.loadLayersModel` reads it. */
  readonly layers: Uint8Array;
  /** float32, little-endian, in the order of the JSON's weights. */
  readonly weights: Uint8Array;
}

/** The same model gives the same bytes. */
export async function saveModel(model: tf.LayersModel): Promise<SavedModel> {
  let saved: SavedModel | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const { modelTopology, weightSpecs, weightData, format, generatedBy } = artifacts;
      if (weightData === undefined || weightSpecs === undefined) throw new Error('a model has weights');
      const manifest = {
        format,
        generatedBy,
        modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
      };
      saved = {
        layers: Buffer.from(JSON.stringify(manifest)),
        weights: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
      };
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) });
    }),
  );
  if (saved === undefined) throw new Error('tfjs saved nothing');
  return saved;
}
