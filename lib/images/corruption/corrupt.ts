import sharp from 'sharp';
import type { CorruptionKind } from '../../../contracts/schemas/evaluation';
import type { Random } from '../../random';
import type { Pixels } from '../encode-pixels';
import { turned } from './turn';

export type Strength = 1 | 2 | 3 | 4 | 5;

type FiveOf<T> = readonly [T, T, T, T, T];

/**
 * How far each kind goes, from just visible to hard for a person: the five severities of Hendrycks and Dietterich,
 * "Benchmarking neural network robustness to common corruptions and perturbations" (ICLR 2019), with amounts of our own.
 */
export const corruptionAmounts: Readonly<Record<CorruptionKind, FiveOf<number>>> = {
  /** Standard deviation of a Gaussian, as a share of the side, beside {@link leastSigma}. */
  blur: [0.005, 0.01, 0.015, 0.02, 0.026],
  /** Standard deviation of a value of 0 to 255. */
  noise: [8, 16, 24, 36, 48],
  /** The JPEG's quality. */
  jpeg: [60, 40, 25, 15, 8],
  /** Share that is added or taken, which of them by chance. */
  brightness: [0.1, 0.2, 0.3, 0.4, 0.5],
  /** Degrees, to either side by chance. */
  rotation: [3, 6, 9, 12, 15],
};

/** Pixels: the least Gaussian that sharp knows. */
export const leastSigma = 0.3;
/** Where a Gaussian's mask ends. libvips' own 0.2 leaves narrow ones no neighbour at all. */
const minAmplitude = 0.01;

/**
 * A prepared picture, made worse in one way.
 *
 * @param random - decides noise and directions; the same generator gives the same picture
 * @returns as many values, in the same shape
 */
export async function corrupt(
  pixels: Pixels,
  kind: CorruptionKind,
  strength: Strength,
  random: Random,
): Promise<Uint8Array> {
  const amount = corruptionAmounts[kind][strength - 1] ?? 0;
  switch (kind) {
    case 'blur':
      return values(
        imageOf(pixels).blur({ sigma: leastSigma + amount * pixels.width, minAmplitude }),
        pixels,
      );
    case 'jpeg':
      return values(sharp(await imageOf(pixels).jpeg({ quality: amount }).toBuffer()), pixels);
    case 'noise':
      return pixels.values.map((value) => clamped(value + amount * random.normal()));
    case 'brightness': {
      const factor = random.next() < 0.5 ? 1 - amount : 1 + amount;
      return pixels.values.map((value) => clamped(value * factor));
    }
    case 'rotation':
      return turned(pixels, random.next() < 0.5 ? -amount : amount);
  }
}

function imageOf({ values, width, height, channels }: Pixels): sharp.Sharp {
  return sharp(values, { raw: { width, height, channels } });
}

async function values(image: sharp.Sharp, { channels, values: before }: Pixels): Promise<Uint8Array> {
  const data = await image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
  if (data.length !== before.length) throw new Error(`${before.length} values became ${data.length}`);
  return data;
}

function clamped(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
