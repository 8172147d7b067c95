import type { SweepRecord, TrialRecord } from '../../contracts/schemas/sweep-record';
import { secondsOf } from './standing';

/** What a sweep did not train, since a rule stopped trials or left them at a rung. */
export interface Savings {
  /** Trials that a rule ended or that wait, short of their planned epochs. */
  readonly trials: number;
  readonly epochs: number;
  /** Their epochs that were not trained, each at its own trial's mean seconds an epoch. */
  readonly seconds: number;
  /** What all trials did take. */
  readonly spentSeconds: number;
  /** Of what all would have taken; 0 where nothing is known. */
  readonly share: number;
  /** Cut short too, but with no epoch or no time recorded, so that nothing is counted for them. */
  readonly unknown: number;
}

/**
 * What early stopping saved. Trials that a person stopped or that failed save nothing: whoever ran the sweep wanted less, or
 * got less.
 */
export function savingsOf({ config, trials }: Pick<SweepRecord, 'config' | 'trials'>): Savings {
  const cut = trials.filter(
    (trial) =>
      (trial.state === 'paused' ||
        (trial.state === 'stopped' &&
          (trial.stoppedBy ?? (config.early_terminate ? 'rule' : 'hand')) === 'rule')) &&
      (trial.planned === undefined || trial.epochs === undefined || trial.planned > trial.epochs),
  );
  const known = cut.flatMap(notTrained);
  const seconds = known.reduce((sum, one) => sum + one.seconds, 0);
  const spentSeconds = secondsOf(trials);
  const whole = seconds + spentSeconds;
  return {
    trials: known.length,
    epochs: known.reduce((sum, one) => sum + one.epochs, 0),
    seconds,
    spentSeconds,
    share: whole > 0 ? seconds / whole : 0,
    unknown: cut.length - known.length,
  };
}

function notTrained({ planned, epochs, seconds }: TrialRecord): { epochs: number; seconds: number }[] {
  if (planned === undefined || epochs === undefined || epochs === 0 || seconds === undefined) return [];
  const left = planned - epochs;
  return [{ epochs: left, seconds: (left * seconds) / epochs }];
}
