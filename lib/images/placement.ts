import type { Preprocessing } from '../../contracts/schemas/preprocessing';

/** How a picture comes onto a canvas: all of it is resized, and what then lies on the canvas is seen. In pixels. */
export interface Placement {
  /** The size that all of the picture is brought to. */
  readonly columns: number;
  readonly rows: number;
  /** Where its first pixel comes to lie; negative where it reaches beyond the canvas. */
  readonly left: number;
  readonly top: number;
  readonly canvas: { readonly width: number; readonly height: number };
}

/**
 * Places a picture in the middle of a square canvas, with sharp's roundings, so that all formats are placed alike.
 *
 * @param width - Pixels of the picture as it is shown, as is `height`.
 * @param size - Width and height of the canvas, in pixels.
 */
export function placePicture(
  width: number,
  height: number,
  size: number,
  fit: Preprocessing['fit'],
): Placement {
  const scale = size / (fit === 'cover' ? Math.min(width, height) : Math.max(width, height));
  const scaled = (side: number) => (fit === 'stretch' ? size : Math.max(1, Math.round(side * scale)));
  const [columns, rows] = [scaled(width), scaled(height)];
  return {
    columns,
    rows,
    left: Math.floor((size - columns) / 2),
    top: Math.floor((size - rows) / 2),
    canvas: { width: size, height: size },
  };
}
