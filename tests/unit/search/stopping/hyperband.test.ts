import { describe, expect, it } from '@jest/globals';
import type { HyperbandRule } from '../../../../contracts/schemas/early-terminate';
import type { Curve } from '../../../../lib/search/stopping/curve';
import { hyperbandBands } from '../../../../lib/search/stopping/hyperband';
import { stopDecision } from '../../../../lib/search/stopping/stop-decision';

const rule = (settings: Partial<HyperbandRule>): HyperbandRule => ({
  type: 'hyperband',
  eta: 3,
  strict: true,
  ...settings,
});
const curve = (trial: number, values: readonly number[], state: Curve['state'] = 'running'): Curve => ({
  trial,
  values,
  state,
});

describe('bands', () => {
  it.each([
    [{ max_iter: 27, s: 2 }, [3, 9]],
    [{ max_iter: 27, s: 3 }, [1, 3, 9]],
    [{ max_iter: 100, s: 4 }, [1, 3, 11, 33]],
    [{ max_iter: 27, s: 10 }, [1, 3, 9]],
    [{ max_iter: 5, s: 2, eta: 2 }, [1, 2]],
    [{ max_iter: 27, s: 2, min_iter: 4 }, [3, 9]],
  ])('of %j divide max_iter by eta, s times, and end at 1', (settings, bands) => {
    expect(hyperbandBands(rule(settings))).toEqual(bands);
  });

  it('from min_iter go on without an end that a training could reach', () => {
    expect(hyperbandBands(rule({ min_iter: 2 })).slice(0, 5)).toEqual([2, 6, 18, 54, 162]);
    expect(hyperbandBands(rule({ min_iter: 3, eta: 1.5 })).slice(0, 5)).toEqual([3, 4, 6, 10, 15]);
  });
});

describe('hyperband', () => {
  const bandAt3 = rule({ max_iter: 9, s: 1 });
  const others = [0.1, 0.2, 0.3, 0.4, 0.5].map((value, at) => curve(at + 2, [1, 1, value], 'finished'));

  it('stops what is worse than the value in place n/eta of all that reached the band', () => {
    // Of six, the third best: 0.3.
    expect(stopDecision(bandAt3, 'minimize', [curve(1, [1, 1, 0.31]), ...others], 1)).toEqual({
      stop: true,
      why: 'epoch 3: 0.31 is worse than 0.3, the threshold of the band at 3 over 6 runs',
    });
    expect(stopDecision(bandAt3, 'minimize', [curve(1, [1, 1, 0.3]), ...others], 1).stop).toBe(false);
  });

  it('counts stopped and failed trials that reached the band, and none that did not', () => {
    const reached = [
      curve(1, [1, 1, 0.31]),
      curve(2, [1, 1, 0.1], 'stopped'),
      curve(3, [1, 1, 0.2], 'failed'),
    ];
    expect(stopDecision(bandAt3, 'minimize', reached, 1).stop).toBe(true);
    const short = [curve(1, [1, 1, 0.31]), curve(2, [0.1, 0.1], 'stopped'), curve(3, [0.2], 'running')];
    expect(stopDecision(bandAt3, 'minimize', short, 1).stop).toBe(false);
  });

  it("takes the place that W&B's rounding gives: 49 times 1/49 is less than 1", () => {
    const all = Array.from({ length: 49 }, (_, at) => curve(at + 1, [1, 1, at / 100]));
    const places = (eta: number) =>
      all.filter(({ trial }) => !stopDecision(rule({ min_iter: 3, eta }), 'minimize', all, trial).stop)
        .length;
    expect([places(49), places(48)]).toEqual([1, 2]);
  });

  it('maximises by the same rule', () => {
    const high = [0.9, 0.8, 0.7, 0.6, 0.5].map((value, at) => curve(at + 2, [0, 0, value], 'finished'));
    expect(stopDecision(bandAt3, 'maximize', [curve(1, [0, 0, 0.69]), ...high], 1)).toEqual({
      stop: true,
      why: 'epoch 3: 0.69 is worse than 0.7, the threshold of the band at 3 over 6 runs',
    });
    expect(stopDecision(bandAt3, 'maximize', [curve(1, [0, 0, 0.7]), ...high], 1).stop).toBe(false);
  });

  it('takes the best so far where it is not strict, also from after the band', () => {
    const lenient = rule({ max_iter: 9, s: 1, strict: false });
    const recovered = curve(1, [1, 1, 0.9, 0.25]);
    expect(stopDecision(bandAt3, 'minimize', [recovered, ...others], 1).stop).toBe(true);
    expect(stopDecision(lenient, 'minimize', [recovered, ...others], 1).stop).toBe(false);
    expect(stopDecision(lenient, 'minimize', [curve(1, [1, 0.8, 0.9, 0.85]), ...others], 1)).toEqual({
      stop: true,
      why: 'epoch 4: the best so far, 0.8, is worse than 0.3, the threshold of the band at 3 over 6 runs',
    });
  });

  it('leaves a trial before its first band, one that is alone there, and one that runs no more', () => {
    expect(stopDecision(bandAt3, 'minimize', [curve(1, [9, 9]), ...others], 1).stop).toBe(false);
    expect(stopDecision(bandAt3, 'minimize', [curve(1, [9, 9, 9])], 1).stop).toBe(false);
    expect(stopDecision(bandAt3, 'minimize', [curve(1, [9, 9, 9], 'failed'), ...others], 1).stop).toBe(false);
    expect(stopDecision(bandAt3, 'minimize', others, 1).stop).toBe(false);
  });

  it.each([NaN, Infinity, -Infinity])(
    'takes %d for the worst, in the trial and in others, for both goals',
    (odd) => {
      for (const goal of ['minimize', 'maximize'] as const) {
        const good = [curve(2, [0, 0, 0.5], 'finished'), curve(3, [0, 0, 0.5], 'finished')];
        expect(stopDecision(bandAt3, goal, [curve(1, [0, 0, odd]), ...good], 1)).toEqual({
          stop: true,
          why: 'epoch 3: no number is worse than 0.5, the threshold of the band at 3 over 3 runs',
        });
        const bad = [curve(2, [0, 0, odd], 'failed'), curve(3, [0, 0, odd], 'failed')];
        expect(stopDecision(bandAt3, goal, [curve(1, [0, 0, 0.5]), ...bad], 1).stop).toBe(false);
      }
    },
  );

  it('shows as many digits as it takes to see the difference', () => {
    const close = [curve(1, [1, 1, 0.300001]), ...others];
    expect(stopDecision(bandAt3, 'minimize', close, 1)).toMatchObject({
      why: expect.stringContaining('0.300001 is worse than 0.3,'),
    });
  });
});
