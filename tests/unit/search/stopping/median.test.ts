import { describe, expect, it } from '@jest/globals';
import type { MedianRule } from '../../../../contracts/schemas/early-terminate';
import type { Curve } from '../../../../lib/search/stopping/curve';
import { stopDecision } from '../../../../lib/search/stopping/stop-decision';

const rule = (settings: Partial<MedianRule> = {}): MedianRule => ({
  type: 'median',
  n_startup_trials: 5,
  n_warmup_steps: 0,
  interval_steps: 1,
  n_min_trials: 1,
  ...settings,
});
const running = (...values: number[]): Curve => ({ trial: 1, values, state: 'running' });
const finished = (...finals: number[]): Curve[] =>
  finals.map((value, at) => ({ trial: at + 2, values: [1, value], state: 'finished' }));

describe('the median rule', () => {
  it('stops a trial whose best so far is worse than the median of the finished at its epoch', () => {
    const others = finished(0.1, 0.2, 0.3, 0.4, 0.5);
    expect(stopDecision(rule(), 'minimize', [running(0.9, 0.31), ...others], 1)).toEqual({
      stop: true,
      why: 'epoch 2: the best so far, 0.31, is worse than 0.3, the median of 5 finished trials there',
    });
    expect(stopDecision(rule(), 'minimize', [running(0.9, 0.3), ...others], 1).stop).toBe(false);
    expect(stopDecision(rule(), 'minimize', [running(0.2, 0.9), ...others], 1).stop).toBe(false);
  });

  it('halves the way between the two in the middle, and maximises by the same rule', () => {
    const others = finished(0.9, 0.8, 0.7, 0.6, 0.5, 0.4);
    expect(stopDecision(rule(), 'maximize', [running(0, 0.64), ...others], 1)).toMatchObject({
      stop: true,
      why: expect.stringContaining('0.64, is worse than 0.65'),
    });
    expect(stopDecision(rule(), 'maximize', [running(0, 0.66), ...others], 1).stop).toBe(false);
  });

  it('waits for n_startup_trials that have finished; stopped and failed ones are none', () => {
    const others = finished(0.1, 0.1, 0.1, 0.1);
    const more: Curve[] = [
      { trial: 7, values: [1, 0.1], state: 'stopped' },
      { trial: 8, values: [1, 0.1], state: 'failed' },
    ];
    expect(stopDecision(rule(), 'minimize', [running(1, 0.9), ...others, ...more], 1).stop).toBe(false);
    expect(
      stopDecision(rule(), 'minimize', [running(1, 0.9), ...finished(0.1, 0.1, 0.1, 0.1, 0.1)], 1).stop,
    ).toBe(true);
  });

  it('leaves the warm-up alone, and looks every interval_steps from there', () => {
    const others = Array.from({ length: 5 }, (_, at): Curve => ({
      trial: at + 2,
      values: Array<number>(9).fill(0),
      state: 'finished',
    }));
    const settings = rule({ n_warmup_steps: 2, interval_steps: 3 });
    const looks = [1, 2, 3, 4, 5, 6, 7, 8].filter(
      (epochs) =>
        stopDecision(settings, 'minimize', [running(...Array<number>(epochs).fill(1)), ...others], 1).stop,
    );
    expect(looks).toEqual([3, 6]);
  });

  it('asks for n_min_trials that reached the epoch', () => {
    const others = finished(0.1, 0.1, 0.1, 0.1, 0.1).map((one) =>
      one.trial > 3 ? { ...one, values: [1] } : one,
    );
    expect(stopDecision(rule({ n_min_trials: 3 }), 'minimize', [running(1, 0.9), ...others], 1).stop).toBe(
      false,
    );
    expect(stopDecision(rule({ n_min_trials: 2 }), 'minimize', [running(1, 0.9), ...others], 1).stop).toBe(
      true,
    );
    expect(stopDecision(rule(), 'minimize', [running(1, 0.9, 0.9), ...others], 1).stop).toBe(false);
  });

  it.each([NaN, Infinity, -Infinity])('takes %d for the worst, in the trial and in others', (odd) => {
    const others = finished(0.1, 0.2, 0.3, 0.4, 0.5);
    for (const goal of ['minimize', 'maximize'] as const) {
      expect(stopDecision(rule(), goal, [running(odd, odd), ...others], 1)).toEqual({
        stop: true,
        why: 'epoch 2: the trial has had no finite number yet',
      });
      expect(
        stopDecision(rule(), goal, [running(1, 0.3), ...finished(odd, odd, odd, 0.3, 0.3)], 1).stop,
      ).toBe(false);
    }
    expect(
      stopDecision(rule(), 'minimize', [running(odd, 0.31), ...finished(odd, odd, 0.1, 0.2, 0.3)], 1).stop,
    ).toBe(true);
  });
});
