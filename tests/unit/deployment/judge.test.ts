import { describe, expect, it } from '@jest/globals';
import { watchSchema, type TrafficFigures } from '../../../contracts/schemas/deployment';
import { judgeStep } from '../../../lib/deployment/judge';
import { emptyFigures, latencyQuantile, slowerThan, withRequests } from '../../../lib/deployment/latencies';
import { chanceOfAsMany, differenceBounds } from '../../../lib/deployment/proportions';

const watch = watchSchema.parse({ time: '5m', longest: '30m', every: '30s' });
const minute = 60_000;

/** Requests of which some have failed, all of them in so many milliseconds. */
function figures(requests: number, errors: number, milliseconds = 40): TrafficFigures {
  const each = Array.from({ length: requests }, (_, at) => ({ failed: at < errors, milliseconds }));
  return withRequests(emptyFigures(), each);
}

const old = figures(10_000, 20);
const at = (minutes: number) => ({ covered: minutes * minute, waited: minutes * minute });

describe('bounds of shares', () => {
  it("gives Newcombe's interval of the difference of two shares", () => {
    // Method 10 of the paper, at z of 95 % one-sided, computed apart in Python.
    const [low, high] = differenceBounds({ hits: 56, of: 70 }, { hits: 48, of: 80 });
    expect(low).toBeCloseTo(0.07656419154407199, 9);
    expect(high).toBeCloseTo(0.3136445835829438, 9);
  });

  it.each([
    [1, 1, 0.022, 0.022],
    [1, 3, 0.022, 0.064558648],
    [40, 200, 0.02, 9.662865758416205e-28],
    [5, 20, 0.05, 0.0025739403346522814],
    [60, 2000, 0.02, 0.0016918398378680634],
  ])(
    'gives the binomial tail, by exact fractions in Python, of %i of %i at %d',
    (hits, of, share, chance) => {
      expect(chanceOfAsMany({ hits, of }, share) / chance).toBeCloseTo(1, 9);
    },
  );

  it('knows nothing of a difference where one of the two had no request', () => {
    expect(differenceBounds({ hits: 0, of: 0 }, { hits: 1, of: 5 })).toEqual([-1, 1]);
  });
});

describe('latencies', () => {
  it('gives quantiles within the bucket, and counts what is slower', () => {
    const latency = { bounds: [10, 20, 40], counts: [50, 40, 10, 0] };
    expect(latencyQuantile(latency, 0.5)).toBe(10);
    expect(latencyQuantile(latency, 0.95)).toBe(30);
    expect(slowerThan(latency, 20)).toBe(10);
    expect(slowerThan(latency, 30)).toBe(5);
    expect(latencyQuantile({ bounds: [10], counts: [0, 0] }, 0.5)).toBeNull();
  });

  it('counts what is above the last bound as slower than any limit, for nobody knows how slow', () => {
    expect(slowerThan({ bounds: [10], counts: [0, 3] }, 1000)).toBe(3);
  });
});

describe('judging a step', () => {
  it('passes a version that is as good as the old one, once the time is over', () => {
    expect(judgeStep({ fresh: figures(1000, 2), old, ...at(5) }, watch).verdict).toBe('pass');
  });

  it('waits for the time to be over, however good it looks', () => {
    expect(judgeStep({ fresh: figures(1000, 0), old, ...at(4) }, watch).verdict).toBe('wait');
  });

  it('says a breach at once where far more requests fail', () => {
    const { verdict, why } = judgeStep({ fresh: figures(200, 40), old, ...at(0.5) }, watch);
    expect(verdict).toBe('breach');
    expect(why).toMatch(/40 of 200 requests failed, of the old version 20 of 10000: more than 2 % more/);
  });

  it('does not take the old version’s own failures for the new one’s fault', () => {
    const bad = figures(10_000, 1000);
    expect(judgeStep({ fresh: figures(2000, 200), old: bad, ...at(5) }, watch).verdict).toBe('pass');
  });

  it.each([
    [0, 0],
    [1, 0],
    [1, 1],
    [3, 1],
    [20, 0],
  ])('does not decide on %i requests of which %i failed, and waits', (requests, errors) => {
    expect(judgeStep({ fresh: figures(requests, errors), old, ...at(6) }, watch).verdict).toBe('wait');
  });

  it('stays undecided where too few have come in the longest time', () => {
    const { verdict, why } = judgeStep({ fresh: figures(20, 0), old, ...at(30) }, watch);
    expect(verdict).toBe('undecided');
    expect(why).toMatch(/0 of 20 requests failed.*too few to be sure of less than 2 % more/);
  });

  it('breaches where more than one in twenty is slower than the limit, and passes where it is not', () => {
    const slow = withRequests(
      figures(900, 0),
      Array.from({ length: 100 }, () => ({ failed: false, milliseconds: 500 })),
    );
    const { verdict, why } = judgeStep({ fresh: slow, old, ...at(1) }, watch);
    expect(verdict).toBe('breach');
    expect(why).toMatch(/100 of 1000 took longer than .* 1.5 times the old version's 95th percentile/);
    expect(judgeStep({ fresh: figures(1000, 0, 45), old, ...at(5) }, watch).verdict).toBe('pass');
  });

  it('judges by its own limits where nothing is known of an old version', () => {
    expect(judgeStep({ fresh: figures(300, 0), ...at(5) }, watch).verdict).toBe('pass');
    expect(judgeStep({ fresh: figures(300, 60), ...at(1) }, watch).verdict).toBe('breach');
    expect(judgeStep({ fresh: figures(300, 0, 5000), ...at(1) }, watch).verdict).toBe('breach');
  });

  it('raises a false alarm in fewer than one of twenty steps, over all the looks of a step', () => {
    // A version that fails exactly as often as it may: 2 % more than the old one's 0.2 %, looked at 60 times.
    let state = 12345;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    let alarms = 0;
    const steps = 200;
    for (let step = 0; step < steps; step += 1) {
      let errors = 0;
      for (let look = 1; look <= 60; look += 1) {
        for (let request = 0; request < 20; request += 1) errors += random() < 0.022 ? 1 : 0;
        const fresh = { ...figures(0, 0), requests: look * 20, errors };
        if (judgeStep({ fresh, old, ...at(look / 2) }, watch).verdict === 'breach') {
          alarms += 1;
          break;
        }
      }
    }
    expect(alarms / steps).toBeLessThan(0.05);
  });
});
