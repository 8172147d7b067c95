import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { z } from 'zod';
import { decodePicture } from '../../lib/images/decode';
import { examinePicture } from '../../lib/images/examine';

/**
 * Drover's side of the bench. First argument: `decode` as preprocessing does it; `examine` as an ingest does; or `sharp`, what
 * preprocessing did before it had a decoder of its own. Second: how many pictures are under way at once.
 */
const [way = 'decode', atOnce = '6'] = process.argv.slice(2);

const taskSchema = z.object({ files: z.array(z.string()), size: z.int() });

async function prepare(bytes: Buffer, size: number): Promise<unknown> {
  switch (way) {
    case 'decode':
      return decodePicture(bytes, { size, color: 'rgb', fit: 'contain' });
    case 'examine':
      return examinePicture(bytes);
    default:
      return sharp(bytes, { failOn: 'error', pages: 1, sequentialRead: true })
        .autoOrient()
        .flatten({ background: '#ffffff' })
        .resize({ width: size, height: size, fit: 'contain', background: '#000000' })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer();
  }
}

async function work({ files, size }: z.infer<typeof taskSchema>): Promise<void> {
  const left = files.values();
  const lane = async () => {
    for (const file of left) await prepare(await readFile(file), size);
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, lane));
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    await work(taskSchema.parse(JSON.parse(line)));
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - start) / 1e3;
    process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6 })}\n`);
  }
}

void main();
