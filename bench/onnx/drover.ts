import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { openClassifier } from '../../lib/inference/classifier';

/** ONNX Runtime as Drover opens it. Arguments: a model, a file of uint8 pictures, threads. */
const [model = '', pictures = '', threads = '1'] = process.argv.slice(2);
const taskSchema = z.object({ pictures: z.int() });

async function main(): Promise<void> {
  const classifier = await openClassifier(readFileSync(model), { threads: Number(threads) });
  const images = readFileSync(pictures);
  const size = classifier.height * classifier.width * classifier.channels;
  const count = images.length / size;
  for await (const line of createInterface({ input: process.stdin })) {
    const task = taskSchema.parse(JSON.parse(line));
    const [began, before] = [performance.now(), process.cpuUsage()];
    for (let at = 0; at < task.pictures; at += 1) {
      const from = (at % count) * size;
      await classifier.classify(images.subarray(from, from + size), 1);
    }
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }));
  }
  await classifier.dispose();
}

void main();
