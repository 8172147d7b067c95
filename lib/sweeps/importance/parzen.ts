import { normalCdf } from '../../search/normal';

/** A kernel narrower than this would lie in one cell alone: nine tenths of the narrowest do. */
const narrowest = 0.5 / 1.64;

/**
 * A Parzen estimate on a grid of cells 0 … n − 1: a normal kernel, cut off at the grid's ends, at each cell with a count, and a
 * wide one over all, which weighs as much as one trial. Its width follows Scott's rule (Scott, "Multivariate Density
 * Estimation", 1992), with the quartiles' distance where that is less than the deviation.
 *
 * @param counts - trials in each cell, two cells at least and one trial
 * @returns shares of the cells, whose sum is 1
 */
export function parzenOfNumbers(counts: readonly number[]): number[] {
  const cells = counts.flatMap((count, at) => (count > 0 ? [{ at, count }] : []));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const width = Math.max(narrowest, scottWidth(cells, all));
  const kernels = [
    ...cells.map(({ at, count }) => ({ centre: at, width, weight: count })),
    { centre: (counts.length - 1) / 2, width: counts.length, weight: 1 },
  ];
  const last = counts.length - 1;
  return counts.map((_, cell) =>
    kernels.reduce((density, { centre, width: wide, weight }) => {
      const below = (edge: number) => normalCdf((edge - centre) / wide);
      const within = below(last + 0.5) - below(-0.5);
      return density + ((weight / (all + 1)) * (below(cell + 0.5) - below(cell - 0.5))) / within;
    }, 0),
  );
}

/**
 * The same of values that have no order: each that was seen weighs as often as it was, and shares a little with all others.
 *
 * @param counts - trials with each value, one trial at least
 */
export function parzenOfCategories(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const kernels = counts.filter((count) => count > 0).length + 1;
  const shared = 1 / kernels;
  const whole = 1 + shared * counts.length;
  return counts.map((count) => {
    const own = (count + all * shared) / whole;
    return (own + 1 / counts.length) / (all + 1);
  });
}

interface Cell {
  readonly at: number;
  readonly count: number;
}

function scottWidth(cells: readonly Cell[], all: number): number {
  const mean = cells.reduce((sum, { at, count }) => sum + at * count, 0) / all;
  const squares = cells.reduce((sum, { at, count }) => sum + count * (at - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, all - 1));
  // The first cell with a quarter of the trials up to it, and the first with more than three quarters.
  const lower = cellReaching(cells, (below) => below >= Math.floor(all / 4));
  const upper = cellReaching(cells, (below) => below > Math.floor((3 * all) / 4));
  return 1.059 * Math.min((upper - lower) / 1.34, deviation) * all ** -0.2;
}

function cellReaching(cells: readonly Cell[], reached: (below: number) => boolean): number {
  let below = 0;
  for (const { at, count } of cells) {
    below += count;
    if (reached(below)) return at;
  }
  return cells.at(-1)?.at ?? 0;
}
