import type { SweepRecord, TrialRecord, TrialState } from '../../contracts/schemas/sweep-record';

export type Goal = SweepRecord['config']['metric']['goal'];

/** A trial whose metric is a number. */
export type MeasuredTrial = TrialRecord & { readonly metric: number };

/** Those whose metric counts for something: failed ones have none, even where they once had a figure. */
export function measured(trials: readonly TrialRecord[]): MeasuredTrial[] {
  return trials.filter(
    (trial): trial is MeasuredTrial =>
      trial.state !== 'failed' && trial.metric !== undefined && Number.isFinite(trial.metric),
  );
}

/** The trials that a sweep's winner is chosen from: finished ones; while there are none, all that have a figure. */
export function contenders(trials: readonly TrialRecord[]): MeasuredTrial[] {
  const known = measured(trials);
  const finished = known.filter(({ state }) => state === 'finished');
  return finished.length > 0 ? finished : known;
}

/** Whether one figure is better than another. */
export function isBetter(goal: Goal, one: number, other: number): boolean {
  return goal === 'minimize' ? one < other : one > other;
}

/** The best of some trials; of equal ones the first. */
export function bestOf<T extends MeasuredTrial>(goal: Goal, trials: readonly T[]): T | undefined {
  return trials.reduce<T | undefined>(
    (best, trial) => (best === undefined || isBetter(goal, trial.metric, best.metric) ? trial : best),
    undefined,
  );
}

/** How many trials there are in each state. */
export function countStates(trials: readonly TrialRecord[]): Record<TrialState, number> {
  const counts = { running: 0, paused: 0, finished: 0, stopped: 0, failed: 0 };
  for (const { state } of trials) counts[state] += 1;
  return counts;
}

/** Seconds of training and validation that were done, in all trials whatever became of them. */
export function secondsOf(trials: readonly TrialRecord[]): number {
  return trials.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
}
