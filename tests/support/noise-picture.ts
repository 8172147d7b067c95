import sharp from 'sharp';
import { createRandom } from '../../lib/random';

interface Noise {
  /** Patches of one colour a side. */
  readonly patches: number;
  readonly width: number;
  readonly height: number;
  readonly quality: number;
}

/** A JPEG of soft patches in random colours: another for each seed, the same for the same. */
export function noisePicture(seed: string, { patches, width, height, quality }: Noise): Promise<Buffer> {
  const random = createRandom(seed);
  const colours = Buffer.from(Array.from({ length: patches * patches * 3 }, () => random.int(256)));
  return sharp(colours, { raw: { width: patches, height: patches, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .jpeg({ quality })
    .toBuffer();
}
