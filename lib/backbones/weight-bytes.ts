import type { BackboneWeight } from '../../contracts/schemas/backbone';
import { refused } from './refused';

const sizes = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/** Bytes of each of a weight's numbers, as they are kept. */
export function elementBytes({ dtype, quantization }: BackboneWeight): number {
  return sizes[quantization?.dtype ?? dtype];
}

/** Bytes of a weight, as it is kept. */
export function weightBytes(weight: BackboneWeight): number {
  return weight.shape.reduce((product, size) => product * size, elementBytes(weight));
}

/** @throws Failure `configuration-invalid` where the weights' shapes need more or fewer bytes than there are. */
export function requireBytes(weights: readonly BackboneWeight[], bytes: Uint8Array): void {
  const needed = weights.reduce((sum, weight) => sum + weightBytes(weight), 0);
  if (needed !== bytes.length) {
    throw refused(
      `its weights should have ${needed} bytes, and ${bytes.length} were found. Bring all of its files again.`,
    );
  }
}
