import { free, upload, type Handle } from '../../tensorflow/handles';
import { gather, reshape } from '../../tensorflow/operations/arithmetic';
import { cropAndResize, imageProjectiveTransform } from '../../tensorflow/operations/image';
import type { AugmentationDraw } from './draw';
import type { PictureChange, PictureShape } from './picture-change';

/**
 * Crop, flip, rotation and shift, in one operation for the batch: the cheapest that does what the settings ask for. What
 * lies beyond a border is its nearest pixel, so that no border of another colour gives the change away.
 *
 * @param images - float32 `[batch, height, width, channels]`, not freed.
 * @returns a new handle, or `images` where there is nothing to do.
 */
export function moved(images: Handle, { shape, resampling, pictures }: AugmentationDraw): Handle {
  if (resampling === 'none') return images;
  if (resampling === 'pixels') return gathered(images, pixelsOf(pictures, shape), shape);
  if (resampling === 'box') {
    const boxes = upload(Float32Array.from(pictures.flatMap((change) => boxOf(change, shape))), [
      pictures.length,
      4,
    ]);
    const output = cropAndResize(images, boxes);
    free(boxes);
    return output;
  }
  const transforms = upload(Float32Array.from(pictures.flatMap((change) => transformOf(change, shape))), [
    pictures.length,
    8,
  ]);
  const output = imageProjectiveTransform(images, transforms);
  free(transforms);
  return output;
}

function gathered(images: Handle, pixels: Int32Array, { channels }: PictureShape): Handle {
  const flat = reshape(images, [pixels.length, channels]);
  const indices = upload(pixels, [pixels.length]);
  const chosen = gather(flat, indices);
  free(flat, indices);
  const output = reshape(chosen, images.shape);
  free(chosen);
  return output;
}

/** For each pixel of the output, which pixel of the batch it is. */
function pixelsOf(pictures: readonly PictureChange[], { height, width }: PictureShape): Int32Array {
  const pixels = new Int32Array(pictures.length * height * width);
  const columns = new Int32Array(width);
  let at = 0;
  pictures.forEach(({ flip, right, down }, picture) => {
    for (let x = 0; x < width; x += 1) {
      const column = clamp(x - right, width);
      columns[x] = flip ? width - 1 - column : column;
    }
    for (let y = 0; y < height; y += 1) {
      const row = (picture * height + clamp(y - down, height)) * width;
      for (let x = 0; x < width; x += 1) {
        pixels[at] = row + (columns[x] ?? 0);
        at += 1;
      }
    }
  });
  return pixels;
}

function clamp(position: number, size: number): number {
  return Math.min(size - 1, Math.max(0, position));
}

/** How far a box stays inside of a picture: rounding past the border would make it black. In shares of the size. */
const margin = 1e-6;

function boxOf({ crop, flip }: PictureChange, { height, width }: PictureShape): number[] {
  const [top, bottom] = side(crop.top, crop.height, height);
  const [left, right] = side(crop.left, crop.width, width);
  return flip ? [top, right, bottom, left] : [top, left, bottom, right];
}

function side(from: number, part: number, whole: number): [number, number] {
  // Exactly so: the picture then is copied as it is.
  if (part === whole || whole === 1) return [0, 1];
  const first = from / (whole - 1);
  const last = first + Math.max(0, part - 1) / (whole - 1);
  const inside = (place: number): number => Math.min(1 - margin, Math.max(margin, place));
  return [inside(first), inside(last)];
}

/** Where the output's pixels come from, the changes undone from the last to the first. */
function transformOf(change: PictureChange, { height, width }: PictureShape): number[] {
  const { crop, flip, angle, right, down } = change;
  const radians = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  // Turned back about the centre, from where the shift had put it.
  const [offsetX, offsetY] = [
    middleX - cos * (middleX + right) - sin * (middleY + down),
    middleY + sin * (middleX + right) - cos * (middleY + down),
  ];
  const mirror = flip ? -1 : 1;
  const mirrorOffset = flip ? width - 1 : 0;
  // Corners to corners.
  const scaleX = width > 1 ? Math.max(0, crop.width - 1) / (width - 1) : 1;
  const scaleY = height > 1 ? Math.max(0, crop.height - 1) / (height - 1) : 1;
  return [
    scaleX * mirror * cos,
    scaleX * mirror * sin,
    scaleX * (mirror * offsetX + mirrorOffset) + crop.left,
    scaleY * -sin,
    scaleY * cos,
    scaleY * offsetY + crop.top,
    0,
    0,
  ];
}
