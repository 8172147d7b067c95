import { Failure } from '../../contracts/failures';
import type { NetworkNamed } from '../../contracts/schemas/network';
import { tf } from '../tensorflow';
import { normalisationLayer, setNormalisation } from './normalisation-layer';
import { layerSeeds } from './seeded';
import type { NetworkShape, Normalisation } from './shape';

/**
 * The original project's network: for each of `filters` a convolution (stride 1, same size, ReLU) and a
 * 2 × 2 max pooling, then a dense layer (ReLU), dropout where there is any, and a dense layer of logits.
 *
 * Layers before a ReLU start from He's uniform distribution (He et al., 2015), the last from Glorot's
 * (Glorot and Bengio, 2010).
 *
 * @throws Failure `configuration-invalid` where nothing is left of a picture after so many poolings.
 */
export function createCnn(
  network: NetworkNamed<'cnn'>,
  shape: NetworkShape,
  normalisation: Normalisation,
  seed: number,
): tf.LayersModel {
  const poolings = network.filters.length;
  const smallest = 2 ** poolings;
  if (Math.min(shape.height, shape.width) < smallest) {
    throw new Failure(
      'configuration-invalid',
      `network.filters: ${poolings} filters halve the picture ${poolings} times, which needs at least ` +
        `${smallest} × ${smallest} pixels; the prepared pictures have ${shape.width} × ${shape.height}. ` +
        'Give fewer filters, or a larger preprocess.size.',
    );
  }

  const initialSeed = layerSeeds(seed);
  const relu = (layer: string) =>
    ({
      activation: 'relu',
      kernelInitializer: tf.initializers.heUniform({ seed: initialSeed(layer) }),
    }) as const;

  // Every layer has a name: those that tfjs makes up count on through the process, and end up in the bytes.
  const model = tf.sequential({ name: network.name });
  model.add(normalisationLayer([shape.height, shape.width, shape.channels]));
  network.filters.forEach((filters, index) => {
    const name = `conv${index + 1}`;
    model.add(
      tf.layers.conv2d({ name, filters, kernelSize: network.kernel, padding: 'same', ...relu(name) }),
    );
    model.add(tf.layers.maxPooling2d({ name: `pool${index + 1}`, poolSize: 2 }));
  });
  model.add(tf.layers.flatten({ name: 'flatten' }));
  model.add(tf.layers.dense({ name: 'dense', units: network.dense, ...relu('dense') }));
  if (network.dropout > 0) model.add(tf.layers.dropout({ name: 'dropout', rate: network.dropout }));
  model.add(
    tf.layers.dense({
      name: 'logits',
      units: shape.classes,
      kernelInitializer: tf.initializers.glorotUniform({ seed: initialSeed('logits') }),
    }),
  );

  setNormalisation(model, normalisation);
  return model;
}
