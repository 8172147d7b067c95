import { Failure } from '../../contracts/failures';
import { didYouMean } from '../../contracts/schemas/nearest';
import type { NetworkNamed } from '../../contracts/schemas/network';
import { tf } from '../tensorflow';
import { apply } from './functional';
import { normalisationLayer, setNormalisation } from './normalisation-layer';
import { layerGraph, type LayerCall } from './program/graph';
import { layerSeeds } from './seeded';
import type { NetworkShape } from './shape';

/** A new head on a network that was trained elsewhere; all three share their layers. */
export interface TransferNetwork {
  /** Pixels in, logits out. */
  readonly model: tf.LayersModel;
  /** Pixels in, `[batch, features]` out. */
  readonly features: tf.LayersModel;
  /** Features in, logits out. */
  readonly head: tf.LayersModel;
  /**
   * Lets the backbone's layers from this one on learn, in the order of computing.
   *
   * @throws Failure `configuration-invalid` where the backbone has no such layer.
   */
  readonly learnFrom: (layer: string) => void;
  /** @throws Failure `configuration-invalid` where {@link learnFrom} would. */
  readonly requireLayer: (layer: string) => void;
}

/**
 * Transfer learning (Yosinski et al., "How transferable are features in deep neural networks?", 2014). The backbone's
 * layers are fixed at first; its batch norm keeps its moving statistics, also where it is tuned. Pictures are scaled to
 * −1 … 1, as MobileNet's family wants them.
 *
 * @param backbone - Colour pictures in, features out: `[batch, height, width, channels]` or `[batch, features]`. Taken over.
 * @throws Failure `configuration-invalid` of grey pictures, and of such as are too small for the backbone.
 */
export function createTransfer(
  network: NetworkNamed<'transfer'>,
  backbone: tf.LayersModel,
  shape: NetworkShape,
  seed: number,
): TransferNetwork {
  if (shape.channels !== 3) {
    throw new Failure(
      'configuration-invalid',
      'network.backbone: it was trained on colour pictures, and the prepared ones are grey. Set preprocess.color to rgb.',
    );
  }
  const pixels = tf.input({ name: 'pixels', shape: [shape.height, shape.width, shape.channels] });
  const { output, layers } = rebuilt(backbone, apply(normalisationLayer(), pixels));
  for (const layer of layers) layer.trainable = false;
  const pooled =
    output.shape.length === 4
      ? apply(tf.layers.globalAveragePooling2d({ name: 'features' }), output)
      : output;
  const width = pooled.shape.at(-1) ?? 0;

  const seedOf = layerSeeds(seed);
  const { dropout, dense } = network;
  const headLayers: tf.layers.Layer[] = [];
  if (dropout > 0) headLayers.push(tf.layers.dropout({ name: 'head_dropout', rate: dropout }));
  if (dense > 0) {
    const kernelInitializer = tf.initializers.heUniform({ seed: seedOf('head_dense') });
    headLayers.push(
      tf.layers.dense({ name: 'head_dense', units: dense, activation: 'relu', kernelInitializer }),
    );
  }
  const kernelInitializer = tf.initializers.glorotUniform({ seed: seedOf('logits') });
  headLayers.push(tf.layers.dense({ name: 'logits', units: shape.classes, kernelInitializer }));
  const through = (value: tf.SymbolicTensor): tf.SymbolicTensor =>
    headLayers.reduce((before, layer) => apply(layer, before), value);

  const kept = tf.input({ name: 'kept_features', shape: [width] });
  const model = tf.model({ name: 'transfer', inputs: pixels, outputs: through(pooled) });
  setNormalisation(model, { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] });
  return {
    model,
    features: tf.model({ name: 'features', inputs: pixels, outputs: pooled }),
    head: tf.model({ name: 'head', inputs: kept, outputs: through(kept) }),
    learnFrom(name) {
      const first = placeOf(layers, name);
      layers.forEach((layer, at) => {
        layer.trainable = at >= first;
      });
    },
    requireLayer(name) {
      placeOf(layers, name);
    },
  };
}

function placeOf(layers: readonly tf.layers.Layer[], name: string): number {
  const place = layers.findIndex((layer) => layer.name === name);
  if (place >= 0) return place;
  const names = layers.filter(({ weights }) => weights.length > 0).map((layer) => layer.name);
  throw new Failure(
    'configuration-invalid',
    `network.fine_tune.from: the backbone has no such layer${didYouMean(name, names)}.`,
  );
}

/** The backbone's layers, nested models opened, on another input: its size is free. In the order of computing. */
function rebuilt(
  model: tf.LayersModel,
  input: tf.SymbolicTensor,
): { readonly output: tf.SymbolicTensor; readonly layers: tf.layers.Layer[] } {
  const { calls, output } = layerGraph(model);
  const values = new Map<number, tf.SymbolicTensor>([[0, input]]);
  const layers: tf.layers.Layer[] = [];
  const valueOf = (number: number): tf.SymbolicTensor => {
    const value = values.get(number);
    if (value === undefined) throw new Error(`${model.name} reads a value before it is there`);
    return value;
  };
  for (const call of calls) {
    const inputs = call.inputs.map(valueOf);
    const nested = nestedModel(call);
    if (nested && inputs[0]) {
      const inner = rebuilt(nested, inputs[0]);
      layers.push(...inner.layers);
      values.set(call.output, inner.output);
      continue;
    }
    try {
      values.set(call.output, apply(call.layer, ...inputs));
    } catch (cause) {
      throw new Failure(
        'configuration-invalid',
        `network.backbone: its layer ${call.layer.name} can't take pictures of this size. Set preprocess.size to its own.`,
        { cause },
      );
    }
    layers.push(call.layer);
  }
  return { output: valueOf(output), layers };
}

function nestedModel({ layer }: LayerCall): tf.LayersModel | undefined {
  return layer instanceof tf.LayersModel ? layer : undefined;
}
