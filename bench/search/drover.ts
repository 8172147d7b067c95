import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { TrialSeen } from '../../contracts/search';
import { parseSpace } from '../../lib/search/space';
import { suggest } from '../../lib/search/suggest';
import { functions } from './functions';

/** Runs Drover's searches on test functions: a task a line of JSON on standard input, an answer a line. */

const taskSchema = z.object({
  function: z.string(),
  sampler: z.enum(['random', 'bayes', 'tpe']),
  seed: z.int(),
  trials: z.int(),
});

function run({ function: name, sampler, seed, trials }: z.infer<typeof taskSchema>): number[] {
  const of = functions[name];
  if (of === undefined) throw new Error(`No such function: ${name}`);
  const distribution = of.whole === true ? 'int_uniform' : 'uniform';
  const space = parseSpace(
    Object.fromEntries(of.ranges.map(([min, max], at) => [`x${at}`, { distribution, min, max }])),
  );
  const observed: TrialSeen[] = [];
  for (let trial = 1; trial <= trials; trial += 1) {
    const state = { space, method: sampler, goal: 'minimize', seed, observed } as const;
    const parameters = suggest(state, trial) ?? {};
    const value = of.evaluate(of.ranges.map((_, at) => Number(parameters[`x${at}`])));
    observed.push({ trial, parameters, state: 'finished', value });
  }
  return observed.map(({ value = NaN }) => value);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const task = taskSchema.parse(JSON.parse(line));
  console.log(JSON.stringify({ ...task, values: run(task) }));
});
