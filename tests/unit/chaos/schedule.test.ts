import { describe, expect, it } from '@jest/globals';
import { apart, describe as say, embedded, makeSchedule } from '../../../bench/chaos/schedule';

const wish = { seed: 'a', kinds: embedded, faults: 130, minutes: 13 };

describe('the schedule of a chaos run', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(makeSchedule(wish)).toEqual(makeSchedule(wish));
    expect(makeSchedule({ ...wish, seed: 'b' })).not.toEqual(makeSchedule(wish));
  });

  it('has each fault in its slot of the time, in order, numbered on', () => {
    const schedule = makeSchedule({ ...wish, first: 51 });
    expect(schedule.map(({ number }) => number)).toEqual(Array.from({ length: 130 }, (_, at) => at + 51));
    for (const [index, { at }] of schedule.entries()) {
      expect(at).toBeGreaterThanOrEqual(index * 6000);
      expect(at).toBeLessThanOrEqual((index + 1) * 6000);
    }
    // Some come close together, or nothing would ever fail while another thing does.
    expect(schedule.some(({ at }, index) => at - (schedule[index - 1]?.at ?? -Infinity) < 2000)).toBe(true);
  });

  it.each([
    ['embedded', embedded],
    ['apart', apart],
  ])('deals every kind of %s equally often, and one that lasts long enough to be missed', (_name, kinds) => {
    const schedule = makeSchedule({ ...wish, kinds, faults: kinds.length * 10 });
    const names = schedule.map(({ deed, target }) => `${deed} ${target}`);
    for (const { deed, target } of kinds) {
      expect(names.filter((name) => name === `${deed} ${target}`)).toHaveLength(10);
    }
    for (const { lasts } of schedule) expect(lasts).toBeGreaterThan(0);
    // A heartbeat may be missing for 15 s.
    expect(schedule.some(({ deed, lasts }) => deed === 'pause' && lasts > 15_000)).toBe(true);
  });

  it('says each fault in words', () => {
    const lasts = 1500;
    expect(say({ number: 1, at: 0, lasts, deed: 'pause', target: 'api' })).toBe('pause api for 1.5 s');
    expect(say({ number: 1, at: 0, lasts, deed: 'stall', target: 'bucket' })).toBe(
      'no answer from the bucket for 1.5 s',
    );
  });

  it('cannot be made of nothing', () => {
    expect(() => makeSchedule({ ...wish, kinds: [] })).toThrow(/No kinds/);
  });
});
