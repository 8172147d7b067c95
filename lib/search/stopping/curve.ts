/** Whether less of the metric is better, or more. */
export type Goal = 'minimize' | 'maximize';

/** How a trial has gone so far. */
export interface Curve {
  readonly trial: number;
  /** The metric after epoch 1, 2, and so on; what is no finite number counts as the worst there is. */
  readonly values: readonly number[];
  readonly state: 'running' | 'finished' | 'stopped' | 'failed';
}

export type StopDecision =
  | { readonly stop: false }
  | {
      readonly stop: true;
      /** A sentence for people: `epoch 9: 0.71 is worse than 0.64, the threshold of the band at 9 over 6 runs`. */
      readonly why: string;
    };

/** The metric turned so that less is better, and so that what is no finite number is worse than any. */
export function lossOf(goal: Goal, value: number): number {
  if (!Number.isFinite(value)) return Infinity;
  return goal === 'minimize' ? value : -value;
}

/** Least first. */
export function ascending(losses: readonly number[]): readonly number[] {
  // Not by their difference: of two infinities that is no number.
  return [...losses].sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
}

/** Two losses as metrics for people, with as many digits as it takes to see that they differ. */
export function figures(goal: Goal, loss: number, threshold: number): [string, string] {
  const [one, other] = [loss, threshold].map((each) => (goal === 'minimize' ? each : -each));
  const texts = (of: (value: number) => number): [string, string] => [
    Number.isFinite(loss) ? String(of(one ?? NaN)) : 'no number',
    String(of(other ?? NaN)),
  ];
  const short = texts((value) => Number(value.toPrecision(4)));
  return short[0] === short[1] ? texts((value) => value) : short;
}
