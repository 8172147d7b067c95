import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { createEngine } from '../../api/engine/engine';
import { createLogger } from '../../lib/logging/logger';
import { z } from 'zod';
import { readPhotographs } from './prepare';

/**
 * What decoding and the network take without any HTTP: the engine, with so many pictures under way. Prints pictures a second. Arguments: the
 * case's folder, the size, the folder of photographs, seconds.
 */
const [home = '', size = '48', pictures = '', seconds = '6'] = process.argv.slice(2);
const underWay = 64;

async function main(): Promise<void> {
  const engine = createEngine({ logger: createLogger({ level: 'error', service: 'api' }) });
  const model = await engine.open({
    digest: 'bench',
    name: 'animals',
    version: 1,
    onnx: readFileSync(join(home, 'model.onnx')),
    classes: z.array(z.string()).parse(JSON.parse(readFileSync(join(home, 'classes.json'), 'utf8'))),
    preprocessing: { size: Number(size), color: size === '48' ? 'grey' : 'rgb', fit: 'contain' },
  });
  const photographs = readPhotographs(pictures, 200);
  let next = 0;
  let answered = 0;
  async function one(end: number): Promise<void> {
    while (performance.now() < end) {
      const picture = photographs[next++ % photographs.length];
      if (picture === undefined) return;
      await model.answer(picture.bytes, { id: String(next) });
      answered += 1;
    }
  }
  const loop = (end: number) => Promise.all(Array.from({ length: underWay }, () => one(end)));
  await loop(performance.now() + 1000); // Warming up.
  answered = 0;
  const began = performance.now();
  await loop(began + Number(seconds) * 1000);
  console.log((answered / (performance.now() - began)) * 1000);
  model.close();
  await engine.close();
}

void main();
