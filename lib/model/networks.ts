import type { Network } from '../../contracts/schemas/network';
import type { tf } from '../tensorflow';
import { createCnn } from './cnn';
import { createResnet } from './resnet';
import type { NetworkShape, Normalisation } from './shape';

/**
 * A new network: pixels `[batch, height, width, channels]` (float32, 0 to 255) in, logits
 * `[batch, classes]` out; normalisation is its first layer. The same arguments give the same weights.
 *
 * @throws Failure `configuration-invalid` where the pictures are too small for the network.
 */
export function createNetwork(
  network: Network,
  shape: NetworkShape,
  normalisation: Normalisation,
  seed: number,
): tf.LayersModel {
  switch (network.name) {
    case 'cnn':
      return createCnn(network, shape, normalisation, seed);
    case 'resnet':
      return createResnet(network, shape, normalisation, seed);
    case 'transfer':
      throw new Error('a network on a backbone is made by createTransfer');
  }
}
