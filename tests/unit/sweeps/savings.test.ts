import { describe, expect, it } from '@jest/globals';
import { savingsOf } from '../../../lib/sweeps/savings';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

const asha = { early_terminate: { type: 'asha', max_epochs: 10 } };

describe('what early stopping saved', () => {
  it("is the epochs that were not trained, at each trial's own seconds an epoch", () => {
    const record = sweepRecord(
      [
        trialRecord(1, { seconds: 100 }),
        trialRecord(2, { state: 'stopped', epochs: 2, seconds: 10 }),
        trialRecord(3, { state: 'paused', epochs: 1, seconds: 20 }),
      ],
      asha,
    );
    // 8 epochs of 5 s, and 9 of 20 s.
    expect(savingsOf(record)).toEqual({
      trials: 2,
      epochs: 17,
      seconds: 220,
      spentSeconds: 130,
      share: 220 / 350,
      unknown: 0,
    });
  });

  it('is nothing for trials that a person stopped, that failed or that run', () => {
    const cut = { epochs: 2, seconds: 10 };
    const trials = [
      trialRecord(1, { ...cut, state: 'stopped', stoppedBy: 'hand' }),
      trialRecord(2, { ...cut, state: 'failed' }),
      trialRecord(3, { ...cut, state: 'running' }),
    ];
    expect(savingsOf(sweepRecord(trials, asha))).toMatchObject({ trials: 0, seconds: 0, share: 0 });
    const stopped = [trialRecord(1, { ...cut, state: 'stopped' })];
    expect(savingsOf(sweepRecord(stopped))).toMatchObject({ trials: 0 });
    expect(savingsOf(sweepRecord(stopped, asha))).toMatchObject({ trials: 1 });
  });

  it('owns to trials of which too little is known', () => {
    const trials = [
      trialRecord(1, { state: 'stopped', epochs: 0, seconds: 0 }),
      trialRecord(2, { state: 'stopped', epochs: undefined, seconds: undefined }),
      trialRecord(3, { state: 'stopped' }),
    ];
    expect(savingsOf(sweepRecord(trials, asha))).toEqual({
      trials: 0,
      epochs: 0,
      seconds: 0,
      spentSeconds: 50,
      share: 0,
      unknown: 2,
    });
  });
});
