import { free, type Handle } from '../../tensorflow/handles';
import { reshape } from '../../tensorflow/operations/arithmetic';
import { coloured } from './colour';
import type { AugmentationDraw } from './draw';
import { erased } from './erase';
import { moved } from './geometry';
import { mixed } from './mix';

/** Which pictures were mixed into which. */
export interface Mix {
  /** Row of each picture's partner in the batch. */
  readonly partners: Int32Array;
  /** Share of the picture itself, in [0, 1]; its partner has the rest. */
  readonly shares: Float32Array;
}

/**
 * Changes a batch of pictures as it was drawn: first where their pixels are, then their colours, then what is erased, and
 * last what they are mixed with.
 *
 * @param images - float32 `[batch, height, width, channels]` of 0 to 255, not freed.
 * @returns a new handle, of 0 to 255 still; and what the labels have to know.
 */
export function augmentImages(
  images: Handle,
  draw: AugmentationDraw,
): { images: Handle; mix: Mix | undefined } {
  const { mixing } = draw;
  let current = images;
  const become = (next: Handle): void => {
    if (current !== images && current !== next) free(current);
    current = next;
  };
  become(moved(current, draw));
  become(coloured(current, draw));
  become(erased(current, draw));
  if (mixing) become(mixed(current, mixing));
  // The caller frees what it gave and what it got.
  if (current === images) become(reshape(images, images.shape));
  return {
    images: current,
    mix: mixing && {
      partners: mixing.partners,
      shares: new Float32Array(mixing.partners.length).fill(mixing.share),
    },
  };
}
