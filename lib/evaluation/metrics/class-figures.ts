import type { ClassCounts } from './confusion';

export interface ClassFigures {
  /** Pictures that are of this class. */
  readonly pictures: number;
  /** Of the answers "this class", the share that is right; null where there was no such answer. */
  readonly precision: number | null;
  /** Of the pictures of this class, the share answered so; null where there is none. */
  readonly recall: number | null;
  /** 2 × right / (pictures + answers), the harmonic mean of the two; null where there are neither. */
  readonly f1: number | null;
}

/** Precision, recall and F1 of one class. */
export function classFigures({ pictures, answered, right }: ClassCounts): ClassFigures {
  return {
    pictures,
    precision: answered === 0 ? null : right / answered,
    recall: pictures === 0 ? null : right / pictures,
    f1: pictures + answered === 0 ? null : (2 * right) / (pictures + answered),
  };
}
