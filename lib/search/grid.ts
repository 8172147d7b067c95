import type { Problem } from '../../contracts/schemas/problems';
import { isAskedFor, parentsFirst, same } from './conditions';
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

/** How many cells there are: all that a grid suggests before it ends. */
export function gridSize({ parameters }: Space): number {
  const axes = axesOf(parameters);
  const most = mostOf(axes);
  if (parameters.every(({ when = [] }) => when.length === 0) || !(most <= mostCells)) return most;
  let size = 0;
  for (let index = 0; index < most; index += 1) if (cellAt(parameters, axes, index) !== undefined) size += 1;
  return size;
}

/**
 * The first cell that no trial has tried, whatever came of it, in W&B's order: parameters by their names, the last one
 * the fastest. What isn't asked for in a cell isn't in it, and makes no cells of its own.
 *
 * @returns undefined at the grid's end.
 */
export function nextCell(
  { parameters }: Space,
  tried: readonly Readonly<Record<string, unknown>>[],
): Record<string, unknown> | undefined {
  const axes = axesOf(parameters);
  const names = axes.map(({ parameter }) => parameter.name);
  const key = (cell: Readonly<Record<string, unknown>>) =>
    JSON.stringify(names.map((name) => cell[name] ?? null));
  const used = new Set(tried.map(key));
  const most = mostOf(axes);
  for (let index = 0; index < most; index += 1) {
    const cell = cellAt(parameters, axes, index);
    if (cell !== undefined && !used.has(key(cell))) return cell;
  }
  return undefined;
}

interface Axis {
  readonly parameter: Parameter;
  readonly values: readonly unknown[];
}

function axesOf(parameters: readonly Parameter[]): readonly Axis[] {
  return [...parameters]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((parameter) => ({ parameter, values: valuesOf(parameter.distribution) ?? [] }));
}

/** How many cells there would be, were every parameter asked for in all of them. */
function mostOf(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => product * (values.length || NaN), 1);
}

/** undefined where a parameter that isn't asked for has another than its first value: that cell has been already. */
function cellAt(
  parameters: readonly Parameter[],
  axes: readonly Axis[],
  index: number,
): Record<string, unknown> | undefined {
  let rest = index;
  const places = new Map<string, number>();
  const values = new Map<string, unknown>();
  for (const { parameter, values: all } of axes.toReversed()) {
    const place = rest % all.length;
    places.set(parameter.name, place);
    values.set(parameter.name, all[place]);
    rest = Math.floor(rest / all.length);
  }
  const asked: Record<string, unknown> = {};
  for (const parameter of parentsFirst(parameters)) {
    if (isAskedFor(parameter, asked)) asked[parameter.name] = values.get(parameter.name);
    else if (places.get(parameter.name) !== 0) return undefined;
  }
  const inside = parameters.filter(({ name }) => Object.hasOwn(asked, name));
  return Object.fromEntries(inside.map(({ name }) => [name, asked[name]]));
}

/** undefined of a distribution without an end. */
function valuesOf(distribution: Distribution): readonly unknown[] | undefined {
  switch (distribution.distribution) {
    case 'constant':
      return [distribution.value];
    case 'categorical':
      // A value that is given twice makes no second cell.
      return distribution.values.filter(
        (value, at) => distribution.values.findIndex((one) => same(one, value)) === at,
      );
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
