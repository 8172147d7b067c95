import { createRandom } from '../random';

/** Of each layer's initial weights a seed of its own: layers added in one place move no other's. */
export function layerSeeds(seed: number): (layer: string) => number {
  const random = createRandom(seed);
  return (layer) => random.fork(layer).int(2 ** 31);
}
