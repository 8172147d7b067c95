import type { PictureStatistic } from '../../contracts/schemas/drift';
import { lumaOf } from '../images/luma';

/**
 * What a prepared picture is like, as numbers: `brightness` is the mean luma of 0 to 255, `contrast` its standard deviation, `sharpness` the
 * variance of its Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000), `saturation` the mean of
 * largest less smallest channel, `warmth` the mean of red less blue. NaN what grey pictures have not.
 *
 * @param pixels - `[height, width, channels]`, each in [0, 255]; 1 or 3 channels, at least 3 × 3
 * @param size - Pixels of the original; left out where nobody knows.
 */
export function statisticsOf(
  pixels: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  size?: number,
): Readonly<Record<PictureStatistic, number>> {
  const luma = channels === 1 ? pixels : lumaOf(pixels);
  const { mean, variance } = momentsOf(luma);
  return {
    brightness: mean,
    contrast: Math.sqrt(variance),
    sharpness: momentsOf(laplacian(luma, width, height)).variance,
    size: size ?? NaN,
    ...(channels === 3 ? colourOf(pixels) : { saturation: NaN, warmth: NaN }),
  };
}

function colourOf(pixels: Uint8Array): { readonly saturation: number; readonly warmth: number } {
  let [saturation, warmth] = [0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    saturation += Math.max(red, green, blue) - Math.min(red, green, blue);
    warmth += red - blue;
  }
  const count = pixels.length / 3;
  return { saturation: saturation / count, warmth: warmth / count };
}

/** Each inner pixel's four neighbours less four times itself. */
function laplacian(luma: Uint8Array, width: number, height: number): Int16Array {
  const values = new Int16Array(Math.max(0, width - 2) * Math.max(0, height - 2));
  for (let y = 1, to = 0; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1, to += 1) {
      const at = y * width + x;
      values[to] =
        (luma[at - width] ?? 0) +
        (luma[at + width] ?? 0) +
        (luma[at - 1] ?? 0) +
        (luma[at + 1] ?? 0) -
        4 * (luma[at] ?? 0);
    }
  }
  return values;
}

function momentsOf(values: Uint8Array | Int16Array): { readonly mean: number; readonly variance: number } {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { mean, variance: Math.max(0, squares / values.length - mean * mean) };
}
