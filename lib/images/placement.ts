import type { Preprocessing } from '../../contracts/schemas/preprocessing';

/** Where a picture goes: its middle, `width` × `height` of its pixels (not whole), fills a rectangle of a canvas. */
export interface Placement {
  /** The part of the picture that is used, always its middle. */
  readonly crop: { readonly width: number; readonly height: number };
  /** The rectangle that it fills, in the canvas's pixels. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  readonly canvas: { readonly width: number; readonly height: number };
}

/**
 * Places a picture on a square canvas, with the roundings of libvips, so that all formats are placed alike.
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
  const canvas = { width: size, height: size };
  const filled = { left: 0, top: 0, columns: size, rows: size, canvas };
  switch (fit) {
    case 'stretch':
      return { crop: { width, height }, ...filled };
    case 'cover': {
      const side = Math.min(width, height);
      return { crop: { width: side, height: side }, ...filled };
    }
    case 'contain': {
      const scale = size / Math.max(width, height);
      const columns = Math.max(1, Math.round(width * scale));
      const rows = Math.max(1, Math.round(height * scale));
      const left = Math.floor((size - columns) / 2);
      const top = Math.floor((size - rows) / 2);
      return { crop: { width, height }, left, top, columns, rows, canvas };
    }
  }
}
