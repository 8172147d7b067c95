import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { createEngine } from '../../api/engine/engine';

/** Decoding and classifying with no HTTP around them, on all cores. Arguments: the home, a folder of pictures, seconds, the network. */
const [home = '', folder = '', seconds = '6', network = 'cnn'] = process.argv.slice(2);
const inFlight = 64;
const quiet = {
  error: console.error,
  warn: console.error,
  info: () => {},
  debug: () => {},
  child: () => quiet,
};

async function main(): Promise<void> {
  const preprocessing: Preprocessing =
    network === 'cnn'
      ? { size: 48, color: 'grey', fit: 'contain' }
      : { size: 224, color: 'rgb', fit: 'contain' };
  const pictures = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const engine = createEngine({ logger: quiet });
  const model = await engine.open({
    ...{ name: 'animals', version: 1, digest: 'bench', preprocessing },
    classes: JSON.parse(readFileSync(join(home, 'classes.json'), 'utf8')) as string[],
    onnx: readFileSync(join(home, 'model.onnx')),
  });
  let answered = 0;
  const run = async (milliseconds: number): Promise<number> => {
    const began = performance.now();
    answered = 0;
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (performance.now() - began < milliseconds) {
          const picture = pictures[answered % pictures.length] ?? Buffer.alloc(0);
          answered += 1;
          await model.answer(picture, { id: 'bench', keep: false });
        }
      }),
    );
    return (answered * 1000) / (performance.now() - began);
  };
  await run(1_000);
  const before = process.cpuUsage();
  const rate = await run(Number(seconds) * 1_000);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ rate, cpu: ((user + system) / 1e6 / answered) * 1_000 }));
  await engine.close();
}

void main();
