import type { Pixels } from '../encode-pixels';

/**
 * A picture turned about its middle, clockwise, each value interpolated between four (bilinear). What lay outside has the
 * value of the nearest edge, so that a turn brings no black corners with it.
 */
export function turned({ values, width, height, channels }: Pixels, degrees: number): Uint8Array {
  const result = new Uint8Array(values.length);
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [right, down] = [x - middleX, y - middleY];
      const fromX = within(middleX + cosine * right + sine * down, width - 1);
      const fromY = within(middleY - sine * right + cosine * down, height - 1);
      const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)];
      const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
      const [shareX, shareY] = [fromX - x0, fromY - y0];
      for (let channel = 0; channel < channels; channel += 1) {
        const at = (row: number, column: number) => values[(row * width + column) * channels + channel] ?? 0;
        const above = at(y0, x0) * (1 - shareX) + at(y0, x1) * shareX;
        const below = at(y1, x0) * (1 - shareX) + at(y1, x1) * shareX;
        result[(y * width + x) * channels + channel] = Math.round(above * (1 - shareY) + below * shareY);
      }
    }
  }
  return result;
}

function within(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
