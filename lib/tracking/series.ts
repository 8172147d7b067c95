import type { EpochMetrics } from '../../contracts/schemas/documents';
import type { MetricsLine } from '../../contracts/schemas/metrics';

/** A figure by the name that TensorBoard and MLflow show it under. */
export interface Figure {
  readonly name: string;
  readonly value: number;
}

/** The figures of a line. What is before the slash groups them into charts. */
export function figuresOf(line: MetricsLine): Figure[] {
  if (line.kind === 'step') {
    return [
      { name: 'train/loss', value: line.loss },
      { name: 'train/accuracy', value: line.accuracy },
      { name: 'train/learning_rate', value: line.lr },
      { name: 'train/gradient_norm', value: line.gradient_norm },
      { name: 'train/pictures_per_second', value: line.pictures_per_second },
    ];
  }
  return [
    { name: 'epoch/train_loss', value: line.train_loss },
    { name: 'epoch/train_accuracy', value: line.train_accuracy },
    { name: 'validation/loss', value: line.validation_loss },
    { name: 'validation/accuracy', value: line.validation_accuracy },
    { name: 'epoch/seconds', value: line.seconds },
  ];
}

/** Figures of the run as a whole, so that runs can be sorted by them. */
export function bestFigures(best: EpochMetrics): Figure[] {
  return [
    { name: 'best/epoch', value: best.epoch },
    { name: 'best/validation_accuracy', value: best.validation_accuracy },
    { name: 'best/validation_loss', value: best.validation_loss },
  ];
}
