import { Failure } from '../../contracts/failures';
import type { NetworkNamed } from '../../contracts/schemas/network';
import { tf } from '../tensorflow';
import { apply } from './functional';
import { normalisationLayer, setNormalisation } from './normalisation-layer';
import { layerSeeds } from './seeded';
import type { NetworkShape, Normalisation } from './shape';

/**
 * A small residual network (He et al., "Deep Residual Learning for Image Recognition", 2016): a 3 × 3 convolution, then
 * for each of `filters` a stage of basic blocks, of which every stage after the first halves the picture; the mean of each
 * channel, dropout where there is any, and a dense layer of logits. Batch norm's momentum is 0.9, as in the paper's code,
 * so that its statistics follow within an epoch of a small dataset.
 *
 * Convolutions start from He's normal distribution, the last layer from Glorot's uniform one.
 *
 * @throws Failure `configuration-invalid` where nothing is left of a picture after so many stages.
 */
export function createResnet(
  network: NetworkNamed<'resnet'>,
  shape: NetworkShape,
  normalisation: Normalisation,
  seed: number,
): tf.LayersModel {
  const halvings = network.filters.length - 1;
  if (Math.min(shape.height, shape.width) < 2 ** halvings) {
    throw new Failure(
      'configuration-invalid',
      `network.filters: ${network.filters.length} stages halve the picture ${halvings} times, which needs at least ` +
        `${2 ** halvings} × ${2 ** halvings} pixels; the prepared pictures have ${shape.width} × ${shape.height}. ` +
        'Give fewer filters, or a larger preprocess.size.',
    );
  }
  const seedOf = layerSeeds(seed);
  const convolved = (
    value: tf.SymbolicTensor,
    name: string,
    filters: number,
    kernelSize: number,
    strides: number,
  ) => {
    const kernelInitializer = tf.initializers.heNormal({ seed: seedOf(name) });
    const convolution = tf.layers.conv2d({
      name,
      filters,
      kernelSize,
      strides,
      padding: 'same',
      useBias: false,
      kernelInitializer,
    });
    const norm = tf.layers.batchNormalization({ name: `${name}_norm`, momentum: 0.9, epsilon: 1e-3 });
    return apply(norm, apply(convolution, value));
  };
  const relu = (value: tf.SymbolicTensor, name: string) =>
    apply(tf.layers.activation({ name, activation: 'relu' }), value);

  const input = tf.input({ name: 'pixels', shape: [shape.height, shape.width, shape.channels] });
  let value = apply(normalisationLayer(), input);
  value = relu(convolved(value, 'stem', network.filters[0] ?? 1, 3, 1), 'stem_relu');
  let width = network.filters[0] ?? 1;
  network.filters.forEach((filters, stage) => {
    for (let block = 1; block <= network.blocks; block += 1) {
      const name = `stage${stage + 1}_block${block}`;
      const strides = stage > 0 && block === 1 ? 2 : 1;
      const first = relu(convolved(value, `${name}_conv1`, filters, 3, strides), `${name}_relu1`);
      const second = convolved(first, `${name}_conv2`, filters, 3, 1);
      const skip =
        strides === 1 && width === filters ? value : convolved(value, `${name}_skip`, filters, 1, strides);
      value = relu(apply(tf.layers.add({ name: `${name}_sum` }), second, skip), `${name}_relu2`);
      width = filters;
    }
  });
  value = apply(tf.layers.globalAveragePooling2d({ name: 'pool' }), value);
  if (network.dropout > 0)
    value = apply(tf.layers.dropout({ name: 'dropout', rate: network.dropout }), value);
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seedOf('logits') });
  const logits = tf.layers.dense({ name: 'logits', units: shape.classes, kernelInitializer });
  const model = tf.model({ name: network.name, inputs: input, outputs: apply(logits, value) });
  setNormalisation(model, normalisation);
  return model;
}
