import { free, scalar, upload, type Handle } from '../../tensorflow/handles';
import { add, batchMatMul, clip, mul, reshape } from '../../tensorflow/operations/arithmetic';
import type { AugmentationDraw } from './draw';
import type { PictureChange } from './picture-change';

export const midGrey = 127.5;

/** What red, green and blue give to the grey of a colour: ITU-R BT.601. */
const [lumaRed, lumaGreen, lumaBlue] = [0.299, 0.587, 0.114];

/** The scales of the plane of colours without their grey, in which YIQ's I and Q are the axes, turned by 33°. */
const [scaleBlue, scaleRed] = [0.492, 0.877];

/**
 * Contrast, brightness, saturation and hue: one affine map of each picture's colours. All of it leaves greys grey, so what
 * is added is the same for every channel. Values are clipped to 0 to 255 once, at the end.
 *
 * @param images - float32 `[batch, height, width, channels]`, not freed.
 * @returns a new handle, or `images` where there is nothing to do.
 */
export function coloured(images: Handle, { pictures, shape }: AugmentationDraw): Handle {
  const mixes = pictures.some(({ saturation, hue }) => saturation !== 1 || hue !== 0);
  const scales = pictures.some(({ contrast }) => contrast !== 1);
  const offsets = Float32Array.from(
    pictures,
    ({ contrast, brighter }) => midGrey * (1 - contrast) + brighter,
  );
  const shifts = offsets.some((offset) => offset !== 0);
  if (!mixes && !scales && !shifts) return images;

  const count = pictures.length;
  const pixels = shape.height * shape.width;
  let values = reshape(images, [count, pixels, shape.channels]);
  const become = (next: Handle): void => {
    free(values);
    values = next;
  };
  if (mixes) {
    const maps = upload(Float32Array.from(pictures.flatMap(colourMap)), [count, 3, 3]);
    become(batchMatMul(values, maps));
    free(maps);
  } else if (scales) {
    const factors = upload(
      Float32Array.from(pictures, ({ contrast }) => contrast),
      [count, 1, 1],
    );
    become(mul(values, factors));
    free(factors);
  }
  if (shifts) {
    const offset = upload(offsets, [count, 1, 1]);
    become(add(values, offset));
    free(offset);
  }
  const [low, high] = [scalar(0), scalar(255)];
  become(clip(values, low, high));
  free(low, high);
  const output = reshape(values, images.shape);
  free(values);
  return output;
}

/** What pure red, pure green and pure blue become, `[3, 3]`: by rows, as a pixel is multiplied from the left. */
function colourMap({ contrast, saturation, hue }: PictureChange): number[] {
  const radians = (hue * Math.PI) / 180;
  const cos = saturation * Math.cos(radians);
  const sin = saturation * Math.sin(radians);
  const changed = (red: number, green: number, blue: number): number[] => {
    const luma = lumaRed * red + lumaGreen * green + lumaBlue * blue;
    const [u, v] = [scaleBlue * (blue - luma), scaleRed * (red - luma)];
    const newRed = luma + (sin * u + cos * v) / scaleRed;
    const newBlue = luma + (cos * u - sin * v) / scaleBlue;
    // The green that leaves the luma what it was.
    const newGreen = (luma - lumaRed * newRed - lumaBlue * newBlue) / lumaGreen;
    return [newRed, newGreen, newBlue].map((value) => contrast * value);
  };
  return [...changed(1, 0, 0), ...changed(0, 1, 0), ...changed(0, 0, 1)];
}
