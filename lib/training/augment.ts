import type { Augmentation } from '../../contracts/schemas/run';
import type { Random } from '../random';

/** Of one picture, channels last. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What is done to one picture in one epoch. */
export interface Change {
  readonly flip: boolean;
  /** Pixels to the right and down. */
  readonly right: number;
  readonly down: number;
  /** Added to every value, on the scale of 0 to 255. */
  readonly brighter: number;
}

/** Draws a change; always the same count of numbers, so that one setting doesn't move the others' draws. */
export function drawChange(augmentation: Augmentation, shape: PictureShape, random: Random): Change {
  const mirrored = random.next() < 0.5;
  const within = (limit: number): number => (random.next() * 2 - 1) * limit;
  return {
    flip: augmentation.flip && mirrored,
    right: Math.round(within(augmentation.shift * shape.width)),
    down: Math.round(within(augmentation.shift * shape.height)),
    brighter: within(augmentation.brightness * 255),
  };
}

/**
 * Writes one picture, changed, as float32 values of 0 to 255. What a shift uncovers repeats the nearest
 * edge, so that no border of another colour gives the shift away.
 *
 * @param source - uint8 pictures, of which one begins at `from`.
 * @param target - float32 pictures, of which this one begins at `to`.
 */
export function writeChanged(
  source: Uint8Array,
  from: number,
  target: Float32Array,
  to: number,
  { height, width, channels }: PictureShape,
  change: Change,
): void {
  const values = brightened(change.brighter);
  const columns = new Int32Array(width);
  for (let x = 0; x < width; x += 1) {
    const column = clamp(x - change.right, width);
    columns[x] = (change.flip ? width - 1 - column : column) * channels;
  }
  let at = to;
  for (let y = 0; y < height; y += 1) {
    const row = from + clamp(y - change.down, height) * width * channels;
    for (let x = 0; x < width; x += 1) {
      const pixel = row + (columns[x] ?? 0);
      for (let channel = 0; channel < channels; channel += 1) {
        target[at] = values[source[pixel + channel] ?? 0] ?? 0;
        at += 1;
      }
    }
  }
}

function clamp(position: number, size: number): number {
  return Math.min(size - 1, Math.max(0, position));
}

function brightened(by: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => Math.min(255, Math.max(0, value + by)));
}
