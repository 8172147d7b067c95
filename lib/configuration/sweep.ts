import { check, type Problem } from '../../contracts/schemas/problems';
import { runConfigSchema } from '../../contracts/schemas/run';
import { checkGrid } from '../search/grid';
import { checkSpace } from '../search/apply';
import { readSpace, writeSpace } from '../search/space';
import { checkEarlyTerminate } from './early-terminate';
import { checkEnqueued, enqueuedParameters } from './enqueued';
import { at, plain, without, type Path, type Tree } from './tree';

/** Keys of W&B's format that say how W&B should start runs. */
const unused: readonly (readonly string[])[] = [
  ['program'],
  ['command'],
  ['project'],
  ['entity'],
  ['controller'],
  ['job'],
  ['image_uri'],
  ['apiVersion'],
  ['kind'],
  ['metric', 'impute_while_running'],
];

interface Warned {
  readonly tree: Tree;
  readonly warnings: readonly Problem[];
}

/** The tree without the keys of W&B's that Drover has no use for, each named in a warning. */
export function withoutUnused(tree: Tree, sweepPath: Path): Warned {
  const warnings: Problem[] = [];
  let kept = tree;
  for (const path of unused.map((keys) => [...sweepPath, ...keys])) {
    if (at(tree, path) === undefined) continue;
    // Found in the tree that still has it: its place is gone from the other.
    warnings.push({ path, message: 'Drover has no use for it, and goes on without', wrong: 'key' });
    kept = without(kept, path);
  }
  return { tree: kept, warnings };
}

/** What a schema can't say of a sweep, with paths from the root of the tree. */
interface SweepReading {
  /** With dotted names and every distribution named, ready for JSON. */
  readonly parameters: Record<string, unknown>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads the parameters of the sweep at `sweepPath`, and tries them on the run that it starts from. */
export function checkSweep(tree: Tree, sweepPath: Path): SweepReading {
  const warnings = [...wrongWay(tree, sweepPath), ...untaught(tree, sweepPath)];
  const path = [...sweepPath, 'parameters'];
  const written = at(tree, path);
  // The schema says what else it is, or that it is missing.
  if (written?.kind !== 'map') return { parameters: {}, problems: [], warnings };
  const reading = readSpace(plain(written), (below) => {
    const found = at(written, below);
    return found?.kind === 'scalar' && found.float;
  });
  const train = at(tree, [...sweepPath, 'train']);
  const base = check(runConfigSchema, train ? plain(train) : {});
  // Where `train` is wrong itself, the parameters are still tried, on a run that is not.
  const run = base.ok ? base.value : runConfigSchema.parse({});
  const method = at(tree, [...sweepPath, 'method']);
  const isGrid = method?.kind === 'scalar' && method.value === 'grid';
  const problems = [
    ...reading.problems,
    ...(isGrid ? checkGrid(reading.space) : []),
    ...checkSpace(run, reading.space),
  ];
  const enqueued = enqueuedParameters(at(tree, [...sweepPath, 'enqueue']));
  const searched = reading.space.parameters.map(({ name, path: below }) => ({
    name,
    path: ['parameters', ...below],
  }));
  const stopping = checkEarlyTerminate(at(tree, [...sweepPath, 'early_terminate']), {
    run,
    named: [...searched, ...enqueued.flat()],
  });
  const under = (root: Path) => (problem: Problem) => ({ ...problem, path: [...root, ...problem.path] });
  return {
    parameters: { ...writeSpace(reading.space) },
    problems: [
      ...problems.map(under(path)),
      ...[...checkEnqueued(run, enqueued), ...stopping.problems].map(under(sweepPath)),
    ],
    warnings: [...warnings, ...reading.warnings.map(under(path)), ...stopping.warnings.map(under(sweepPath))],
  };
}

/** What is asked for of a search that can't do it. */
function untaught(tree: Tree, sweepPath: Path): Problem[] {
  const text = (...keys: string[]) => {
    const found = at(tree, [...sweepPath, ...keys]);
    return found?.kind === 'scalar' ? found.value : undefined;
  };
  const warnings: Problem[] = [];
  const warn = (keys: string[], message: string) =>
    warnings.push({ path: [...sweepPath, ...keys], message, wrong: 'key' });
  const impute = text('metric', 'impute');
  if (impute === 'best' || impute === 'latest') {
    warn(['metric', 'impute'], 'a failed trial counts as the worst here, whatever this says');
  }
  const method = text('method');
  if ((method === 'random' || method === 'grid') && at(tree, [...sweepPath, 'warm_start']) !== undefined) {
    warn(['warm_start'], `${method} learns nothing from other trials; bayes and tpe do`);
  }
  return warnings;
}

/** W&B's goal is `minimize` where it is left out, which is seldom meant of an accuracy. */
function wrongWay(tree: Tree, sweepPath: Path): Problem[] {
  const metric = at(tree, [...sweepPath, 'metric']);
  const text = (key: string) => {
    const found = metric && at(metric, [key]);
    return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
  };
  const name = text('name');
  const goal = text('goal') ?? 'minimize';
  if (name === undefined) return [];
  const path = [...sweepPath, 'metric'];
  if (name.endsWith('_accuracy') && goal === 'minimize') {
    return [
      {
        path,
        message: 'the goal is to minimize an accuracy; goal: maximize looks for the best',
        wrong: 'value',
      },
    ];
  }
  if (name.endsWith('_loss') && goal === 'maximize') {
    return [
      { path, message: 'the goal is to maximize a loss; goal: minimize looks for the best', wrong: 'value' },
    ];
  }
  return [];
}
