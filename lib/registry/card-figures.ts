import type { Evaluation } from '../../contracts/schemas/evaluation';
import type { CardFigure } from './card';

/**
 * An evaluation's further figures for the card's `model-index`, by Hugging Face's names of metrics; averages are over the
 * classes. Those that the evaluation has not are left out.
 *
 * @see https://huggingface.co/metrics
 */
export function cardFigures({ macro, rocAuc, brier, calibration }: Evaluation): CardFigure[] {
  const figures: readonly [string, number | null | undefined][] = [
    ['precision', macro.precision],
    ['recall', macro.recall],
    ['f1', macro.f1],
    ['roc_auc', rocAuc],
    ['brier_score', brier],
    ['expected_calibration_error', calibration?.ece],
  ];
  return figures.flatMap(([type, value]) => (typeof value === 'number' ? [{ type, value }] : []));
}
