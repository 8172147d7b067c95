import sharp from 'sharp';
import { createRandom } from '../../lib/random';

/** From what people hardly see to what they can't miss. */
export const strengths = ['faint', 'weak', 'middle', 'strong'] as const;
export type Strength = (typeof strengths)[number];

/** A change of pictures, so strong. `name` is a file's name as well. */
export interface MadeDrift {
  readonly name: string;
  readonly kind: 'blur' | 'night' | 'camera';
  readonly strength: Strength;
  /** For people. */
  readonly how: string;
}

const blurs = { faint: 0.4, weak: 0.7, middle: 1.5, strong: 3 } as const;
const nights = {
  faint: { light: 0.95, noise: 1 },
  weak: { light: 0.85, noise: 3 },
  middle: { light: 0.6, noise: 8 },
  strong: { light: 0.3, noise: 14 },
} as const;
const cameras = {
  faint: { side: 192, quality: 90 },
  weak: { side: 160, quality: 70 },
  middle: { side: 112, quality: 50 },
  strong: { side: 64, quality: 30 },
} as const;

export const madeDrifts: readonly MadeDrift[] = strengths.flatMap((strength) => [
  { name: `blur-${strength}`, kind: 'blur', strength, how: `σ ${blurs[strength]} pixels` },
  {
    name: `night-${strength}`,
    kind: 'night',
    strength,
    how: `${nights[strength].light} of the light, noise σ ${nights[strength].noise}`,
  },
  {
    name: `camera-${strength}`,
    kind: 'camera',
    strength,
    how: `${cameras[strength].side} pixels a side, JPEG quality ${cameras[strength].quality}`,
  },
]);

/**
 * The same picture as the drift would have it.
 *
 * @param pixels - `[side, side, 3]`, each in [0, 255]
 */
export async function drifted(
  pixels: Uint8Array,
  side: number,
  { kind, strength }: MadeDrift,
  seed: string,
): Promise<Uint8Array> {
  const raw = { width: side, height: side, channels: 3 } as const;
  const picture = sharp(pixels, { raw });
  switch (kind) {
    case 'blur':
      // As sharp cuts a Gaussian off, one so narrow would be no blur.
      return picture
        .blur(
          strength === 'faint'
            ? { sigma: blurs.faint, minAmplitude: 0.01, precision: 'float' }
            : blurs[strength],
        )
        .raw()
        .toBuffer();
    case 'night': {
      const { light, noise } = nights[strength];
      const random = createRandom(seed);
      // Clamped and rounded by the array's own type.
      return Uint8Array.from(
        Uint8ClampedArray.from(pixels, (value) => value * light + noise * random.normal()),
      );
    }
    case 'camera': {
      const { side: small, quality } = cameras[strength];
      const file = await picture.resize(small, small).jpeg({ quality }).toBuffer();
      return sharp(file).resize(side, side).removeAlpha().raw().toBuffer();
    }
  }
}
