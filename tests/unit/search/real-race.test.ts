import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { medianOfBounds, ratioOf, timeOf, told } from '../../../bench/race/capped';
import { KeptSides, type KeptSide } from '../../../bench/race/kept-sides';
import { NotedEpochs } from '../../../bench/race/noted-epochs';
import { endsOf, firstMet, race, type Way } from '../../../bench/race/real';
import { meets, medianRandomEnd } from '../../../bench/race/target';
import { wholeTable } from '../../../bench/search/table/read';
import { openStore } from '../../../lib/storage/open-store';
import { encodePart } from '../../../lib/tracking/metrics/part';

const folder = mkdtempSync(join(tmpdir(), 'drover-real-race-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

describe('the target of a real race', () => {
  it('is the median of what 30 random trials end with', () => {
    const table = wholeTable();
    const ends = [...table.values()].map(({ accuracy }) => Math.max(...accuracy));
    const target = medianRandomEnd(ends, 30);
    const chanceOf = (least: number) => 1 - (ends.filter((end) => end < least).length / ends.length) ** 30;
    expect(target).toBe(0.3443);
    expect(chanceOf(target)).toBeGreaterThan(0.5);
    expect(chanceOf(target + 0.0001)).toBeLessThan(0.5);
  });

  it('is known where no trial is: not at all', () => {
    expect(() => medianRandomEnd([], 30)).toThrow('Of no trial');
  });

  it('counts trials that have all their epochs, each with its best', async () => {
    const way = (looks: readonly (readonly [number, number])[]): Way => ({
      ...{ name: 'random', lag: 0 },
      run(onLook, stop) {
        for (const [trial, accuracy] of looks) if (!stop.aborted) onLook({ trial, accuracy, at: 0 });
        return Promise.resolve();
      },
    });
    const looks = way([
      ...([
        [1, 0.3],
        [2, 0.1],
        [2, 0.2],
        [3, 0.9],
      ] as const),
      ...([
        [1, 0.25],
        [4, 0.4],
        [4, 0.5],
      ] as const),
    ]);
    expect(await endsOf(looks, { trials: 2, epochs: 2 }, never)).toEqual([0.2, 0.3]);
    await expect(endsOf(looks, { trials: 4, epochs: 2 }, never)).rejects.toThrow('3 of 4 trials');
  });

  it('is met to as many digits as it has', () => {
    expect(meets(231 / 671, 0.3443)).toBe(true);
    expect(meets(230 / 671, 0.3443)).toBe(false);
  });
});

describe('a side of a real race', () => {
  const goal = { target: 0.3, cap: 10 };
  const looks = [
    { trial: 'late', accuracy: 0.4, at: 9_000 },
    { trial: 'soon', accuracy: 0.2, at: 2_000 },
    { trial: 'soon', accuracy: 0.3, at: 5_000 },
  ];

  it('is there at the end of its first epoch that met the target, whatever was told of first', () => {
    expect(firstMet(looks, 1_000, goal)).toEqual({ seconds: 4, epochs: 2, trials: 1, accuracy: 0.3 });
    expect(firstMet(looks, 1_000, { ...goal, target: 0.35 })?.seconds).toBe(8);
    expect(firstMet(looks, 1_000, { target: 0.35, cap: 7 })).toBeUndefined();
    expect(firstMet(looks, 1_000, { ...goal, target: 0.5 })).toBeUndefined();
  });

  it('goes on for as long as an epoch that ended sooner may come', async () => {
    const way: Way = {
      ...{ name: 'a', lag: 60 },
      run: (onLook, stop) => {
        const now = Date.now();
        onLook({ trial: 1, accuracy: 0.4, at: now + 2_000 });
        expect(stop.aborted).toBe(false);
        onLook({ trial: 2, accuracy: 0.4, at: now + 1_000 });
        return Promise.resolve();
      },
    };
    expect((await race(way, goal, never))?.trials).toBe(1);
  });

  it('is told to stop when it fails, or is cut off', async () => {
    const stopped: boolean[] = [];
    const failing: Way = {
      ...{ name: 'a', lag: 0 },
      run: (_, stop) => {
        stop.addEventListener('abort', () => stopped.push(true));
        return Promise.reject(new Error('no Python'));
      },
    };
    await expect(race(failing, goal, never)).rejects.toThrow('no Python');
    const silent: Way = { name: 'a', lag: 0, run: () => Promise.resolve() };
    await expect(race(silent, goal, never)).rejects.toThrow('a told of no epoch in 10 s');
    expect(stopped).toEqual([true]);
    await expect(race(failing, goal, AbortSignal.abort(new Error('cut off')))).rejects.toThrow('cut off');
    expect(stopped).toEqual([true]);
  });

  it("tells each of a run's epochs once, with the time of its end", async () => {
    const store = openStore(join(folder, 'store'), {});
    const epochs = new NotedEpochs(store, join(folder, 'store'));
    expect(await epochs.news()).toEqual([]);
    const note = (epoch: number) =>
      store.write(
        `runs/one/metrics/00000000000${epoch}.jsonl`,
        encodePart({
          ...{ from: epoch - 1, to: epoch },
          lines: [
            {
              ...{ kind: 'epoch', step: epoch, epoch, at: epoch * 100, seconds: 1 },
              ...{ train_loss: 1, train_accuracy: 0.5, validation_loss: 1, validation_accuracy: epoch / 10 },
            },
          ],
        }),
      );
    await note(1);
    expect(await epochs.news()).toEqual([{ trial: 'one', accuracy: 0.1, at: 100 }]);
    await note(2);
    expect(await epochs.news()).toEqual([{ trial: 'one', accuracy: 0.2, at: 200 }]);
    expect(await epochs.news()).toEqual([]);
  });
});

describe('the results of real races', () => {
  const setting = { side: 'a', seed: 1, target: 0.3, slots: 2, epochs: 25 };
  const met = { seconds: 50, epochs: 9, trials: 3, accuracy: 0.31 };
  const on = '2026-01-01T00:00:00.000Z';

  it('are kept by what they hang on', () => {
    const file = join(folder, 'race.json');
    const kept = new KeptSides(file);
    const side: KeptSide = { ...setting, on, cap: 100, met };
    const slow: KeptSide = { ...setting, side: 'b', on, cap: 100, met: null };
    for (const one of [side, slow]) kept.add(one);
    const again = new KeptSides(file);
    expect(again.find(setting, 600)).toEqual(side);
    expect(again.find(setting, 40)).toEqual({ ...side, cap: 40, met: null });
    expect(again.find({ ...setting, seed: 2 }, 100)).toBeUndefined();
    expect(again.find({ ...setting, side: 'b' }, 100)).toEqual(slow);
    // It might have been met, had it had as much time.
    expect(again.find({ ...setting, side: 'b' }, 101)).toBeUndefined();
  });

  it('are not read from a file of something else', () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"a": 1}');
    expect(() => new KeptSides(file)).toThrow(/other\.json.*move it away/);
  });

  it('say no more of a time that was capped than is known', () => {
    const [soon, late] = [timeOf(50, 600), timeOf(undefined, 600)];
    expect(told(ratioOf(soon, timeOf(100, 600)))).toBe('0.50');
    expect(told(ratioOf(soon, late))).toBe('at most 0.08');
    expect(told(ratioOf(late, soon))).toBe('at least 12.00');
    expect(told(ratioOf(late, late))).toBe('?');
    expect(told(medianOfBounds([ratioOf(soon, late), ratioOf(soon, soon), ratioOf(late, soon)]))).toBe(
      '1.00',
    );
  });
});
