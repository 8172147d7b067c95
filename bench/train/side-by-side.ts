import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Contestant } from '../contestant';

/** Two of Drover's trainings at once, each with one thread, as one contestant: done when both are. */
const pair = [1, 2].map(
  (which) =>
    new Contestant({
      name: `run ${which}`,
      command: [process.execPath, '--import', 'tsx', join(__dirname, 'drover.ts'), ...process.argv.slice(2)],
    }),
);

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const task: unknown = JSON.parse(line);
    const start = performance.now();
    const measured = await Promise.all(pair.map((run) => run.measure(task)));
    const cpu = measured.reduce((sum, each) => sum + each.cpu, 0);
    process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1e3, cpu })}\n`);
  }
  for (const run of pair) run.stop();
}

void main();
