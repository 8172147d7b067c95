import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RateRange } from '../../../contracts/schemas/rehearsal';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { growingRates } from '../../../lib/training/rate-range/rates';
import { rangePage } from '../../../lib/training/rate-range/range-page';
import { createSmoothing } from '../../../lib/training/rate-range/smoothing';
import { suggestRates } from '../../../lib/training/rate-range/suggest-rates';
import { rehearse } from '../../../lib/training/rehearsal/rehearse';
import { putBars } from '../../support/prepared-bars';

describe('growing rates', () => {
  it('go from the first to the last by one factor', () => {
    const rates = growingRates(1e-6, 1, 7);
    expect(rates.at(0)).toBe(1e-6);
    expect(rates.at(-1)).toBe(1);
    rates.slice(1).forEach((rate, at) => expect(rate / (rates[at] ?? NaN)).toBeCloseTo(10, 9));
  });
});

describe('smoothing', () => {
  it('gives a constant back from its first value on', () => {
    const smooth = createSmoothing(0.9);
    expect([5, 5, 5].map(smooth)).toEqual([5, 5, 5].map((value) => expect.closeTo(value, 12)));
  });

  it('weighs each value by its age', () => {
    const smooth = createSmoothing(0.5);
    [1, 2].forEach(smooth);
    // (0.125 × 1 + 0.25 × 2 + 0.5 × 4) / (0.125 + 0.25 + 0.5)
    expect(smooth(4)).toBeCloseTo(3, 12);
  });
});

/** Flat, then falling by an S whose middle is at `middle`, then rising from `rise` on. */
function curve(middle: number, rise: number, steps = 100) {
  return growingRates(1e-6, 1, steps).map((rate) => {
    const fallen = 1 / (1 + Math.exp(-4 * Math.log10(rate / middle)));
    const risen = Math.max(0, Math.log10(rate / rise)) * 3;
    return { rate, smoothed: 2.3 - 1.5 * fallen + risen };
  });
}

describe('suggested rates', () => {
  it('are where a curve falls fastest, and a tenth of where it is least', () => {
    const found = suggestRates(curve(1e-3, 0.1), 100);
    expect(Math.log10(found?.steepest ?? NaN)).toBeCloseTo(-3, 1);
    // One step of the sweep is 0.06 of a decade.
    expect(Math.abs(Math.log10((found?.minimum ?? NaN) / 0.1))).toBeLessThan(0.07);
    expect(found?.tenth).toBeCloseTo((found?.minimum ?? NaN) / 10, 12);
    expect(found?.stillFalling).toBe(false);
  });

  it('say that the loss still fell where it did', () => {
    expect(suggestRates(curve(0.1, 1000), 100)?.stillFalling).toBe(true);
  });

  it('take no notice of the first losses, which are few', () => {
    const points = curve(1e-3, 0.1).map((point, at) => (at < 5 ? { ...point, smoothed: 9 - at } : point));
    expect(Math.log10(suggestRates(points, 100)?.steepest ?? NaN)).toBeCloseTo(-3, 1);
  });

  it('are none of a loss that only rises, nor of a sweep that ended at once', () => {
    const rising = growingRates(1e-6, 1, 50).map((rate, at) => ({ rate, smoothed: 2 + at }));
    expect(suggestRates(rising, 50)).toBeUndefined();
    expect(suggestRates(rising.slice(0, 2), 50)).toBeUndefined();
    expect(suggestRates([], 50)).toBeUndefined();
  });
});

describe('a range test of a training', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'drover-range-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function swept(settings: object, to = 1): Promise<RateRange> {
    const store = createFolderStore(folder);
    const config = runConfigSchema.parse({
      network: { name: 'cnn', filters: [6], kernel: 3, dense: 8, dropout: 0.1 },
      batch_size: 16,
      ...settings,
    });
    const job = { storeLocation: folder, config, prepared: await putBars(store) };
    const result = await rehearse(
      store,
      { ...job, kind: 'rate-range', from: 1e-5, to, steps: 60 },
      () => undefined,
    );
    if (result.kind !== 'rate-range') throw new Error('a range was asked for');
    return result;
  }

  it('gives the same points for the same seed, and others for another', async () => {
    const first = await swept({ seed: 3 });
    expect(await swept({ seed: 3 })).toEqual(first);
    expect((await swept({ seed: 4 })).points).not.toEqual(first.points);
  });

  it('ends where the loss has left all bounds, before the last rate', async () => {
    const { ended, points } = await swept({ optimizer: 'sgd' }, 1e6);
    expect(['diverged', 'not-a-number']).toContain(ended);
    expect(points.length).toBeLessThan(60);
    expect(points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it('keeps nothing in the store', async () => {
    const store = createFolderStore(folder);
    await swept({});
    for await (const key of store.list('')) expect(key).toMatch(/^prepared\//);
  });

  it('becomes a page with both curves and the suggestion', async () => {
    const range = await swept({});
    const points = curve(1e-3, 0.1).map((point) => ({ ...point, loss: point.smoothed }));
    const suggestions = suggestRates(points, 100);
    const page = rangePage({
      range: { ...range, points },
      suggestions,
      facts: [{ name: 'Network', value: '<cnn>' }],
      at: '2026-11-25T06:00:00Z',
    });
    expect(page).toContain('class="smoothed" d="M');
    expect(page).toContain('class="raw" d="M');
    expect(page).toContain('Steepest descent');
    expect(page).toContain('&lt;cnn&gt;');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});
