import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** A folder of labelled pictures that anything can tell apart: 20 red ones and 20 blue ones. */
export async function writeTwoColours(folder: string): Promise<void> {
  const classes = { red: '#d03020', blue: '#2030d0' };
  for (const [name, background] of Object.entries(classes)) {
    await mkdir(join(folder, name), { recursive: true });
    for (let n = 0; n < 20; n += 1) {
      const picture = sharp({ create: { width: 32 + n, height: 40, channels: 3, background } });
      await picture.png().toFile(join(folder, name, `${n}.png`));
    }
  }
}
