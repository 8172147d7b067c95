import { categoryOf, type Dimension } from '../dimensions';
import { parzenOfCategories, parzenOfNumbers } from './parzen';

/** A trial as importance sees it. */
export interface Judged {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Less is better. */
  readonly loss: number;
}

/** Cells in which a parameter of numbers is looked at. */
const mostCells = 50;
/** So that no density is 0. */
const tiny = 1e-12;

/**
 * How much each parameter decides whether a trial is among the best: PED-ANOVA, by Watanabe, Bansal and Hutter, "PED-ANOVA:
 * Efficiently Quantifying Hyperparameter Importance in Arbitrary Subspaces" (IJCAI 2023). It estimates how a parameter's
 * values lie among the best trials and among all, and takes the Pearson divergence of the two. With Scott's rule on a grid of
 * 50 cells, as Optuna has it; the numbers are Optuna's.
 *
 * A parameter that only some trials have is looked at among these, weighted by how much likelier they are among the best.
 *
 * @param share - of the trials that count as the best, above 0 and below 1
 * @returns importances by name, 0 or more, not scaled to any sum; all 0 where every trial is among the best
 */
export function pedAnova(
  dimensions: readonly Dimension[],
  trials: readonly Judged[],
  share: number,
): Map<string, number> {
  const best = bestShare(trials, share);
  const all = trials.length;
  return new Map(
    dimensions.map((dimension) => {
      const has = ({ parameters }: Judged) => parameters[dimension.name] !== undefined;
      const [ofBest, ofAll] = [best.filter(has), trials.filter(has)];
      if (ofBest.length === 0 || ofAll.length < 2) return [dimension.name, 0];
      // How much likelier it is there at all among the best.
      const there = (ofBest.length / best.length) ** 2 / (ofAll.length / all);
      const apart = divergence(dimension, ofBest, ofAll);
      return [dimension.name, (best.length / all) ** 2 * there * apart];
    }),
  );
}

/** The best share of the trials, and those that are as good as the last of them. */
export function bestShare(trials: readonly Judged[], share: number): Judged[] {
  const losses = trials.map(({ loss }) => loss).sort((one, other) => one - other);
  const last = losses[Math.ceil(share * losses.length) - 1] ?? -Infinity;
  return trials.filter(({ loss }) => loss <= last);
}

/** Pearson's: the mean square, over all trials' density, of how far the best ones' is from it. */
function divergence(dimension: Dimension, best: readonly Judged[], all: readonly Judged[]): number {
  const [ofBest, ofAll] = [densityOf(dimension, best), densityOf(dimension, all)];
  return ofAll.reduce((sum, density, cell) => {
    const [one, other] = [(ofBest[cell] ?? 0) + tiny, density + tiny];
    return sum + other * (one / other - 1) ** 2;
  }, 0);
}

function densityOf(dimension: Dimension, trials: readonly Judged[]): number[] {
  const size = cellsOf(dimension);
  const counts = new Array<number>(size).fill(0);
  for (const { parameters } of trials) {
    const cell = cellOf(dimension, parameters[dimension.name], size);
    if (cell !== undefined) counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return dimension.kind === 'category' ? parzenOfCategories(counts) : parzenOfNumbers(counts);
}

function cellsOf(dimension: Dimension): number {
  if (dimension.kind === 'category') return dimension.values.length;
  const { low, high, step } = dimension;
  return step === undefined ? mostCells : Math.min(mostCells, Math.round((high - low) / step) + 1);
}

function cellOf(dimension: Dimension, value: unknown, size: number): number | undefined {
  if (dimension.kind === 'category') return categoryOf(dimension, value);
  if (typeof value !== 'number') return undefined;
  const scaled = dimension.log ? Math.log : (x: number) => x;
  const [low, high] = [scaled(dimension.low), scaled(dimension.high)];
  // Halfway between two cells is the lower one.
  const cell = Math.ceil(((scaled(value) - low) / (high - low)) * (size - 1) - 0.5);
  return Math.min(size - 1, Math.max(0, cell));
}
