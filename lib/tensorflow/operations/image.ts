import { attributes, executeOne, integers, scalar, type Handle } from '../handles';

/**
 * Pictures `[batch, height, width, channels]`, each read at the places that its row of `transforms` says, between pixels
 * bilinearly; beyond a border, the nearest pixel of it.
 *
 * @param transforms - float32 `[batch, 8]`, a0 to a2, b0 to b2, c0, c1: output (x, y) reads the input at
 *   ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), k = c0 x + c1 y + 1.
 */
export function imageProjectiveTransform(images: Handle, transforms: Handle): Handle {
  const [, height = 0, width = 0] = images.shape;
  return executeOne(
    'ImageProjectiveTransformV3',
    [
      attributes.type('dtype', images.type),
      attributes.text('interpolation', 'BILINEAR'),
      attributes.text('fill_mode', 'NEAREST'),
    ],
    [images, transforms, integers([height, width]), scalar(0)],
  );
}

/**
 * A box of each picture, resized bilinearly to the picture's own size, corners to corners. Some three times as fast as
 * {@link imageProjectiveTransform}.
 *
 * @param boxes - float32 `[batch, 4]`, y1, x1, y2, x2, where 1 is the last row or column; x1 > x2 mirrors. What lies outside
 *   of the picture is black.
 */
export function cropAndResize(images: Handle, boxes: Handle): Handle {
  const [count = 0, height = 0, width = 0] = images.shape;
  return executeOne(
    'CropAndResize',
    [
      attributes.type('T', images.type),
      attributes.text('method', 'bilinear'),
      attributes.float('extrapolation_value', 0),
    ],
    [images, boxes, integers(Array.from({ length: count }, (_, at) => at)), integers([height, width])],
  );
}
