import { describe, expect, it } from '@jest/globals';
import {
  ashaRungs,
  nextAshaJob,
  whyNotPromoted,
  type AshaRule,
  type AshaTrial,
} from '../../../../lib/search/stopping/asha';

const rule: AshaRule = { type: 'asha', min_epochs: 1, max_epochs: 9, eta: 3, cutoff: 'share' };
const paused = (trial: number, ...values: number[]): AshaTrial => ({ trial, values, state: 'paused' });

describe('rungs', () => {
  it.each([
    [1, 9, 3, [1, 3, 9]],
    [2, 20, 2, [2, 4, 8, 16, 20]],
    [1, 256, 4, [1, 4, 16, 64, 256]],
    [5, 10, 2.5, [5, 10]],
    [3, 3, 3, [3]],
  ])('from %d to %d by %d are %j', (min_epochs, max_epochs, eta, rungs) => {
    expect(ashaRungs({ ...rule, min_epochs, max_epochs, eta })).toEqual(rungs);
  });
});

/** One slot, trials as good as their numbers say; what each job is. */
function workOf(jobs: number, value: (trial: number) => number, goal: 'minimize' | 'maximize'): string[] {
  const trials: AshaTrial[] = [];
  return Array.from({ length: jobs }, () => {
    const job = nextAshaJob(rule, goal, trials)!;
    const trial = job.kind === 'start' ? trials.length + 1 : job.trial;
    const values = [...(trials[trial - 1]?.values ?? []), value(trial)];
    trials[trial - 1] = { trial, values, state: values.length === 3 ? 'finished' : 'paused' };
    return job.kind === 'start' ? `${trial}→${job.to}` : `${trial}:${job.from}→${job.to}`;
  });
}

describe("ASHA's next job", () => {
  it("is the paper's: with eta 3 every third result at a rung sends one on, from the highest rung that can", () => {
    // prettier-ignore
    expect(workOf(13, (trial) => trial, 'minimize')).toEqual([
      '1→1', '2→1', '3→1', '1:1→3', '4→1', '5→1', '6→1', '2:1→3', '7→1', '8→1', '9→1', '3:1→3', '1:3→9',
    ]);
  });

  it('maximises by the same rule', () => {
    expect(workOf(13, (trial) => -trial, 'maximize')).toEqual(workOf(13, (trial) => trial, 'minimize'));
  });

  it('promotes nobody twice, and nobody who runs, was stopped or has failed', () => {
    const promoted: AshaTrial = { trial: 1, values: [0.1], state: 'running' };
    const start = { kind: 'start', rung: 0, to: 1 };
    expect(nextAshaJob(rule, 'minimize', [promoted, paused(2, 0.2), paused(3, 0.3)])).toEqual(start);
    for (const state of ['stopped', 'failed', 'finished'] as const) {
      const ended: AshaTrial = { trial: 1, values: [0.1], state };
      expect(nextAshaJob(rule, 'minimize', [ended, paused(2, 0.2), paused(3, 0.3)])).toEqual(start);
    }
    expect(nextAshaJob(rule, 'minimize', [paused(1, 0.1), paused(2, 0.2), paused(3, 0.3)])).toEqual({
      kind: 'promote',
      trial: 1,
      rung: 1,
      from: 1,
      to: 3,
    });
  });

  it('takes of equally good trials the first, whatever order they come in, and only as many as may go on', () => {
    const same = [paused(3, 0.5), paused(1, 0.5), paused(2, 0.5)];
    expect(nextAshaJob(rule, 'minimize', same)).toMatchObject({ trial: 1 });
    const gone = same.map((one): AshaTrial => (one.trial === 1 ? { ...one, values: [0.5, 0.5] } : one));
    expect(nextAshaJob(rule, 'minimize', gone)).toMatchObject({ kind: 'start' });
  });

  it.each([NaN, Infinity, -Infinity])('never promotes %d, and takes it for the worst', (odd) => {
    for (const goal of ['minimize', 'maximize'] as const) {
      expect(nextAshaJob(rule, goal, [paused(1, odd), paused(2, odd), paused(3, 0.5)])).toMatchObject({
        trial: 3,
      });
      const all = [paused(1, odd), paused(2, odd), paused(3, odd)];
      expect(nextAshaJob(rule, goal, all)).toMatchObject({ kind: 'start' });
      expect(nextAshaJob(rule, goal, all, false)).toBeUndefined();
      expect(nextAshaJob({ ...rule, cutoff: 'quantile' }, goal, all)).toMatchObject({ kind: 'start' });
      expect(
        nextAshaJob({ ...rule, cutoff: 'quantile' }, goal, [paused(1, odd), paused(2, 0.5)]),
      ).toMatchObject({
        trial: 2,
      });
    }
  });

  it("promotes one of two by Syne Tune's quantile, and one of three by the paper's share", () => {
    const two = [paused(1, 0.2), paused(2, 0.1)];
    expect(nextAshaJob({ ...rule, cutoff: 'quantile' }, 'minimize', two)).toMatchObject({ trial: 2 });
    expect(nextAshaJob(rule, 'minimize', two)).toMatchObject({ kind: 'start' });
  });

  it('trains one to the end all the same where no trial may be started and none has got there', () => {
    const two = [paused(1, 0.2), paused(2, 0.1)];
    expect(nextAshaJob(rule, 'minimize', two, false)).toMatchObject({ trial: 2, to: 3 });
    const on = [paused(1, 0.2), paused(2, 0.1, 0.1)];
    expect(nextAshaJob(rule, 'minimize', on, false)).toMatchObject({ trial: 2, from: 3, to: 9 });
    const there: AshaTrial[] = [paused(1, 0.2), { trial: 2, values: [0.1, 0.1, 0.1], state: 'finished' }];
    expect(nextAshaJob(rule, 'minimize', there, false)).toBeUndefined();
    const busy: AshaTrial[] = [paused(1, 0.2), { trial: 2, values: [], state: 'running' }];
    expect(nextAshaJob(rule, 'minimize', busy, false)).toBeUndefined();
    const failed: AshaTrial[] = [paused(1, 0.2), { trial: 2, values: [0.1, 0.1], state: 'failed' }];
    expect(nextAshaJob(rule, 'minimize', failed, false)).toMatchObject({ trial: 1, to: 3 });
  });
});

describe('why a trial waits', () => {
  const rung = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((value, at) => paused(at + 1, value));

  it('is its place among all at its rung', () => {
    expect(whyNotPromoted(rule, 'minimize', rung, 3)).toBe(
      'epoch 1: number 3 of 6, of which the best 2 go on',
    );
    expect(whyNotPromoted(rule, 'minimize', rung.slice(0, 4), 3)).toBe(
      'epoch 1: number 3 of 4, of which the best one goes on',
    );
    expect(whyNotPromoted(rule, 'minimize', rung.slice(0, 2), 1)).toBe(
      'epoch 1: number 1 of 2, too few to promote one',
    );
    expect(whyNotPromoted(rule, 'maximize', [...rung, paused(7, NaN)], 7)).toBe(
      'epoch 1: its metric is no finite number',
    );
  });

  it('is nothing for one that would go on, runs, or has ended', () => {
    expect(whyNotPromoted(rule, 'minimize', rung, 2)).toBeUndefined();
    expect(whyNotPromoted(rule, 'minimize', [{ trial: 1, values: [], state: 'running' }], 1)).toBeUndefined();
    expect(whyNotPromoted(rule, 'minimize', rung, 99)).toBeUndefined();
  });
});
