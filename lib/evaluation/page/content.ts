import type { Evaluation } from '../../../contracts/schemas/evaluation';
import { percent } from '../../page/figures';
import type { CoveragePoint } from '../metrics/coverage';
import type { RocPoint } from '../metrics/roc-curve';

/** A wrong answer, with what is needed to look at it. */
export interface Mistake {
  /** SHA-256 of the picture's own bytes. */
  readonly picture: string;
  readonly truth: string;
  readonly answer: string;
  /** The answer's probability, and that of the truth. */
  readonly confidence: number;
  readonly given: number;
  /** `data:` URI of the prepared picture. */
  readonly image: string;
}

/** A class against the rest. */
export interface ClassCurve {
  readonly class: string;
  readonly area: number;
  readonly points: readonly RocPoint[];
}

export interface EvaluationReport {
  readonly evaluation: Evaluation;
  /** Such as `animals version 3`. */
  readonly subject: string;
  /** The dataset's name. */
  readonly dataset: string;
  /** The surest wrong answers, the surest first; undefined where no answers were kept. */
  readonly mistakes: readonly Mistake[] | undefined;
  /** Of the classes that are told apart worst, the worst first; undefined likewise. */
  readonly curves: readonly ClassCurve[] | undefined;
  /** From the surest answers alone to all; undefined likewise. */
  readonly coverage: readonly CoveragePoint[] | undefined;
  /** When the page was written: milliseconds since 1970. */
  readonly at: number;
}

/** A share of 1 as per cent, or a dash. */
export function share(value: number | null): string {
  return value === null ? '–' : percent(value, 1);
}

/** `61.2 % to 64.0 %` */
export function shares([low, high]: readonly [number, number]): string {
  return `${percent(low, 1)} to ${percent(high, 1)}`;
}

/** Three decimals, or a dash. */
export function decimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}
