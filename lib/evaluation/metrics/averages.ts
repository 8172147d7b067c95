import type { AverageFigures } from '../../../contracts/schemas/evaluation';
import { classFigures } from './class-figures';
import type { ClassCounts } from './confusion';

const names = ['precision', 'recall', 'f1'] as const;

/**
 * The plain mean over the classes that occur among the truths or the answers. A figure that such a class has not is 0 in
 * it, so that never answering a class makes no model better; scikit-learn's `average='macro'` does the same where it is
 * told no labels.
 *
 * @returns nulls where no class occurs
 */
export function macroAverage(counts: readonly ClassCounts[]): AverageFigures {
  return averaged(counts, () => 1);
}

/** The same, each class weighted by its pictures: scikit-learn's `average='weighted'`. */
export function weightedAverage(counts: readonly ClassCounts[]): AverageFigures {
  return averaged(counts, ({ pictures }) => pictures);
}

function averaged(counts: readonly ClassCounts[], weightOf: (counts: ClassCounts) => number): AverageFigures {
  const totals = { precision: 0, recall: 0, f1: 0 };
  let weights = 0;
  for (const one of counts) {
    if (one.pictures + one.answered === 0) continue;
    const weight = weightOf(one);
    const figures = classFigures(one);
    for (const name of names) totals[name] += weight * (figures[name] ?? 0);
    weights += weight;
  }
  const mean = (total: number) => (weights === 0 ? null : total / weights);
  return { precision: mean(totals.precision), recall: mean(totals.recall), f1: mean(totals.f1) };
}
