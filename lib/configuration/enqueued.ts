import type { Problem } from '../../contracts/schemas/problems';
import type { RunConfig } from '../../contracts/schemas/run';
import { checkSpace } from '../search/apply';
import type { Parameter } from '../search/space';
import { plain, type Path, type Tree } from './tree';

/** Each value that `enqueue` gives to a trial, as a parameter that has no other and comes with those beside it, with its path from the sweep. */
export function enqueuedParameters(enqueue: Tree | undefined): readonly (readonly Parameter[])[] {
  // What is no list of maps, the schema refuses.
  if (enqueue?.kind !== 'list') return [];
  return enqueue.items.map((trial, index) => {
    if (trial.kind !== 'map') return [];
    const given = [...trial.entries].map(([name, { tree }]) => ({ name, value: plain(tree) }));
    return given.map(({ name, value }): Parameter => {
      const path: Path = ['enqueue', index, name];
      const beside = given.filter((other) => other.name !== name);
      const when = beside.map((other) => ({ name: other.name, values: [other.value] }));
      return { name, path, distribution: { distribution: 'constant', value }, when };
    });
  });
}

/** What a run would refuse of the trials that are given. */
export function checkEnqueued(run: RunConfig, trials: readonly (readonly Parameter[])[]): Problem[] {
  return trials.flatMap((parameters) =>
    checkSpace(run, { parameters }).map((problem) =>
      // Here the value stands by itself, with no key `value` over it.
      problem.wrong === 'value' && problem.path.at(-1) === 'value'
        ? { ...problem, path: problem.path.slice(0, -1) }
        : problem,
    ),
  );
}
