import type { Problem } from '../../contracts/schemas/problems';
import { quantile, type Distribution } from './distributions';
import type { Parameter, Space } from './space';

/** Beyond it a grid is a mistake in the configuration. */
const mostCells = 1_000_000;

/**
 * What W&B's grids refuse: distributions that have no end, by the parameter's path.
 */
export function checkGrid({ parameters }: Space): Problem[] {
  const endless = parameters.filter(({ distribution }) => valuesOf(distribution) === undefined);
  const problems = endless.map(({ path, distribution }): Problem => {
    const message = `a grid can't hold ${distribution.distribution}; expected values, value, int_uniform or q_uniform`;
    return { path, message, wrong: 'value' };
  });
  if (problems.length > 0) return problems;
  const cells = gridSize({ parameters });
  if (cells <= mostCells) return [];
  return [{ path: [], message: `a grid of ${cells} cells; expected ${mostCells} at most`, wrong: 'value' }];
}

/** How many cells there are. */
export function gridSize({ parameters }: Space): number {
  return parameters.reduce((size, { distribution }) => size * (valuesOf(distribution)?.length ?? NaN), 1);
}

/**
 * The first cell that no trial has tried, whatever came of it, in W&B's order: parameters by their names, the last one
 * the fastest.
 *
 * @returns undefined at the grid's end.
 */
export function nextCell(
  { parameters }: Space,
  tried: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown> | undefined {
  const axes = [...parameters]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, distribution }) => ({ name, values: valuesOf(distribution) ?? [] }));
  const names = axes.map(({ name }) => name);
  const key = (cell: Readonly<Record<string, unknown>>) =>
    JSON.stringify(names.map((name) => cell[name] ?? null));
  const used = new Set(tried.map(key));
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  for (let index = 0; index < size; index += 1) {
    const cell = cellAt(axes, index);
    if (!used.has(key(cell))) return inOrderOf(parameters, cell);
  }
  return undefined;
}

function cellAt(
  axes: readonly { readonly name: string; readonly values: readonly unknown[] }[],
  index: number,
): Record<string, unknown> {
  let rest = index;
  const cell: Record<string, unknown> = {};
  for (const { name, values } of axes.toReversed()) {
    cell[name] = values[rest % values.length];
    rest = Math.floor(rest / values.length);
  }
  return cell;
}

function inOrderOf(parameters: readonly Parameter[], cell: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(parameters.map(({ name }) => [name, cell[name]]));
}

/** undefined of a distribution without an end. */
function valuesOf(distribution: Distribution): readonly unknown[] | undefined {
  switch (distribution.distribution) {
    case 'constant':
      return [distribution.value];
    case 'categorical':
      return distribution.values;
    case 'int_uniform':
      return range(distribution.min, distribution.max, 1);
    case 'q_uniform': {
      const ends = [1e-12, 1 - 1e-12].map((u) => Number(quantile(distribution, u)));
      return range(ends[0] ?? NaN, ends[1] ?? NaN, distribution.q);
    }
    default:
      return undefined;
  }
}

function range(from: number, to: number, step: number): number[] {
  const count = Math.min(Math.round((to - from) / step) + 1, mostCells + 1);
  return Array.from({ length: count }, (_, at) => Math.round(from / step + at) * step);
}
