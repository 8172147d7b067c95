import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { medianOf } from '../figures';
import { pythonPeers } from '../peers';
import { markdownTable } from '../table';
import { finiteTable, finiteFloor } from './finite';
import { functions } from './functions';
import { ratioOfRegrets, regretAfter } from './regret';
import { secondsFromMany } from './suggestion-time';

/** Regret of Drover's searches on test functions, beside Optuna's. See bench/README.md. */

const { values: options } = parseArgs({
  options: {
    functions: { type: 'string', default: Object.keys(functions).join(',') },
    methods: { type: 'string', default: 'bayes,tpe' },
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    trials: { type: 'string', default: '50' },
    processes: { type: 'string', default: '2' },
    cache: { type: 'string', default: join(homedir(), '.cache', 'drover', 'bench') },
    out: { type: 'string', default: 'bench-search.json' },
  },
});

/** Optuna's sampler that a method of ours stands beside. */
const peers: Readonly<Record<string, string>> = { bayes: 'gp', tpe: 'tpe' };

const runSchema = z.object({
  function: z.string(),
  sampler: z.string(),
  seed: z.number(),
  trials: z.number(),
  values: z.array(z.number()),
});
type Run = z.infer<typeof runSchema>;
type Task = Omit<Run, 'values'>;

/** All tasks, dealt out to processes of one side, each with one thread. */
async function runAll(command: readonly [string, ...string[]], tasks: readonly Task[]): Promise<Run[]> {
  const count = Math.min(Number(options.processes), tasks.length);
  const shares = Array.from({ length: count }, (_, at) => tasks.filter((_task, task) => task % count === at));
  return (await Promise.all(shares.map((share) => runShare(command, share)))).flat();
}

async function runShare(
  [file, ...args]: readonly [string, ...string[]],
  tasks: readonly Task[],
): Promise<Run[]> {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  child.stdin.end(tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  const runs: Run[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    runs.push(runSchema.parse(JSON.parse(line)));
  }
  if (runs.length < tasks.length)
    throw new Error(`${file} ended after ${runs.length} of ${tasks.length} runs`);
  return runs;
}

async function main(): Promise<void> {
  const [seeds, first, trials] = [Number(options.seeds), Number(options.first), Number(options.trials)];
  const python = await pythonPeers(options.cache, join(__dirname, 'peers', 'requirements.txt'));
  const names = options.functions.split(',');
  const methods = options.methods.split(',');
  const tasks = (samplers: readonly string[]): Task[] =>
    Array.from({ length: seeds }, (_, at) => first + at).flatMap((seed) =>
      names.flatMap((name) => samplers.map((sampler) => ({ function: name, sampler, seed, trials }))),
    );
  const ours = await runAll(
    [process.execPath, '--import', 'tsx', join(__dirname, 'drover.ts')],
    tasks(methods),
  );
  const theirs = await runAll(
    [python, '-B', join(__dirname, 'peers', 'optuna_search.py')],
    tasks(methods.map((method) => peers[method] ?? method)),
  );
  const valuesOf = (runs: readonly Run[], name: string, sampler: string): number[][] =>
    runs
      .filter((run) => run.function === name && run.sampler === sampler)
      .toSorted((one, other) => one.seed - other.seed)
      .map(({ values }) => values);
  const regrets = (runs: readonly Run[], name: string, sampler: string): number[] => {
    const { least = NaN, whole = false } = functions[name] ?? {};
    const floor = whole ? finiteFloor() : undefined;
    return valuesOf(runs, name, sampler).map((values) => regretAfter(trials, values, least, floor));
  };
  const rows = names.flatMap((name) =>
    methods.map((method) => {
      const [mine, other] = [regrets(ours, name, method), regrets(theirs, name, peers[method] ?? method)];
      return {
        function: name,
        method,
        ...ratioOfRegrets(mine, other),
        median: medianOf(mine),
        theirs: medianOf(other),
      };
    }),
  );
  const table = markdownTable(
    ['', 'median regret', "Optuna's", 'ratio', '95 of 100 resamples'],
    rows.map(({ function: name, method, median, theirs: other, ratio, low, high }) => [
      `${name}, ${method}`,
      median.toPrecision(3),
      other.toPrecision(3),
      ratio.toFixed(2),
      `${low.toFixed(2)}–${high.toFixed(2)}`,
    ]),
  );
  console.log(table);
  const sides = (name: string) =>
    methods.map((method) => ({
      method,
      ours: valuesOf(ours, name, method),
      theirs: valuesOf(theirs, name, peers[method] ?? method),
    }));
  const finite = names.filter((name) => functions[name]?.whole === true);
  for (const name of finite) console.log(`\n${name}\n\n${finiteTable(sides(name), trials)}`);
  for (const { method, space, seconds } of secondsFromMany()) {
    console.log(`from 1,000 trials, ${space}: ${method} ${seconds.toFixed(2)} s`);
  }
  await writeFile(options.out, `${JSON.stringify({ seeds, first, trials, rows })}\n`);
}

void main();
