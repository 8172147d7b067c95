import { tf } from '../tensorflow';
import type { Normalisation } from './shape';

export const normalisationName = 'normalisation';

/** The layer that makes plain pixels what a network learns from: (pixel − mean) / deviation, a channel each. */
export function normalisationLayer(inputShape?: readonly [number, number, number]): tf.layers.Layer {
  return tf.layers.batchNormalization({
    name: normalisationName,
    trainable: false,
    ...(inputShape && { inputShape: [...inputShape] }),
  });
}

/** Gives the layer of a built model its numbers. */
export function setNormalisation(model: tf.LayersModel, { mean, std }: Normalisation): void {
  // Scale and offset change nothing.
  const weights = [
    tf.ones([mean.length]),
    tf.zeros([mean.length]),
    tf.tensor1d([...mean]),
    tf.tensor1d(std.map((deviation) => deviation ** 2)),
  ];
  model.getLayer(normalisationName).setWeights(weights);
  tf.dispose(weights);
}
