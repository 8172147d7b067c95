import { apply } from '../../lib/model/functional';
import { createRandom } from '../../lib/random';
import { tf } from '../../lib/tensorflow';

/** A backbone with all that MobileNetV2 has, inside a nested model as Teachable Machine's is; its weights follow from a seed. */
export function smallBackbone(): tf.LayersModel {
  const input = tf.input({ name: 'backbone_input', shape: [16, 16, 3] });
  const norm = (name: string) => tf.layers.batchNormalization({ name });
  const relu6 = (name: string) => tf.layers.reLU({ name, maxValue: 6 });
  const convolution = (name: string, filters: number, kernelSize: number, strides = 1) =>
    tf.layers.conv2d({ name, filters, kernelSize, strides, padding: 'valid', useBias: false });
  const before = [
    tf.layers.zeroPadding2d({
      name: 'stem_pad',
      padding: [
        [0, 1],
        [0, 1],
      ],
    }),
    convolution('stem', 8, 3, 2),
    norm('stem_norm'),
    relu6('stem_relu'),
  ].reduce((value, layer) => apply(layer, value), input);
  const after = [
    convolution('expand', 16, 1),
    norm('expand_norm'),
    relu6('expand_relu'),
    tf.layers.depthwiseConv2d({ name: 'depthwise', kernelSize: 3, padding: 'same', useBias: false }),
    norm('depthwise_norm'),
    relu6('depthwise_relu'),
    convolution('project', 8, 1),
    norm('project_norm'),
  ].reduce((value, layer) => apply(layer, value), before);
  const inner = tf.model({
    name: 'inner',
    inputs: input,
    outputs: apply(tf.layers.add({ name: 'sum' }), before, after),
  });
  const random = createRandom('small backbone');
  for (const layer of inner.layers) {
    const weights = layer.weights.map((weight) => {
      const positive = /variance|gamma/.test(weight.originalName);
      const values = Float32Array.from({ length: weight.read().size }, () =>
        positive ? 0.5 + Math.abs(random.normal()) : random.normal() * 0.4,
      );
      return tf.tensor(values, weight.read().shape);
    });
    if (weights.length > 0) layer.setWeights(weights);
    tf.dispose(weights);
  }
  const outer = tf.sequential({ name: 'small_backbone' });
  outer.add(inner);
  return outer;
}
