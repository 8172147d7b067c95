import { free, upload, type Handle } from '../../tensorflow/handles';
import { reshape } from '../../tensorflow/operations/arithmetic';
import { tensorScatterUpdate } from '../../tensorflow/operations/scatter';
import { midGrey } from './colour';
import type { AugmentationDraw } from './draw';

/**
 * Greys out a rectangle of some pictures.
 *
 * @param images - float32 `[batch, height, width, channels]`, not freed.
 * @returns a new handle, or `images` where there is nothing to do.
 */
export function erased(images: Handle, draw: AugmentationDraw): Handle {
  const pixels = pixelsErased(draw);
  if (pixels.length === 0) return images;
  const { height, width, channels } = draw.shape;
  const flat = reshape(images, [draw.pictures.length * height * width, channels]);
  const indices = upload(pixels, [pixels.length, 1]);
  const grey = upload(new Float32Array(pixels.length * channels).fill(midGrey), [pixels.length, channels]);
  const updated = tensorScatterUpdate(flat, indices, grey);
  free(flat, indices, grey);
  const output = reshape(updated, images.shape);
  free(updated);
  return output;
}

/** Which pixels of the batch. */
function pixelsErased({ pictures, shape }: AugmentationDraw): Int32Array {
  const total = pictures.reduce((sum, { erased: part }) => sum + (part ? part.width * part.height : 0), 0);
  const pixels = new Int32Array(total);
  let at = 0;
  pictures.forEach(({ erased: part }, picture) => {
    if (!part) return;
    for (let y = part.top; y < part.top + part.height; y += 1) {
      const row = (picture * shape.height + y) * shape.width;
      for (let x = part.left; x < part.left + part.width; x += 1) {
        pixels[at] = row + x;
        at += 1;
      }
    }
  });
  return pixels;
}
