import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { dimensionsOf } from '../../../lib/sweeps/dimensions';
import { importanceOf } from '../../../lib/sweeps/importance/importance';
import { pedAnova } from '../../../lib/sweeps/importance/ped-anova';
import { rankCorrelation } from '../../../lib/sweeps/importance/rank-correlation';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

/** What Optuna and SciPy computed; tests/fixtures/importance/README.md says of what, and how. */
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        direction: z.enum(['minimize', 'maximize']),
        share: z.number(),
        trials: z.array(z.object({ parameters: z.record(z.string(), z.unknown()), value: z.number() })),
        importance: z.record(z.string(), z.number()),
        spearman: z.record(z.string(), z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(path.join(__dirname, '../../fixtures/importance/importance.json'), 'utf8')));

const parameters = {
  lr: { distribution: 'log_uniform_values', min: 1e-5, max: 1e-1 },
  dropout: { distribution: 'uniform', min: 0, max: 0.6 },
  dense: { min: 16, max: 256 },
  layers: { min: 1, max: 4 },
  optimizer: { values: ['adam', 'adamw', 'sgd'] },
  momentum: { distribution: 'uniform', min: 0, max: 0.99, when: { optimizer: 'sgd' } },
};

describe.each(cases)('of $trials.length trials', ({ direction, share, trials, importance, spearman }) => {
  const record = sweepRecord(
    trials.map(({ parameters: drawn, value }, at) =>
      trialRecord(at + 1, { parameters: drawn, metric: value }),
    ),
    { parameters, metric: { name: 'validation_loss', goal: direction } },
  );
  const dimensions = dimensionsOf(record);

  it("gives every parameter the importance that Optuna's PED-ANOVA gives it", () => {
    const sign = direction === 'minimize' ? 1 : -1;
    const found = pedAnova(
      dimensions,
      trials.map(({ parameters: drawn, value }) => ({ parameters: drawn, loss: sign * value })),
      share,
    );
    expect([...found.keys()].sort()).toEqual(Object.keys(importance).sort());
    for (const [name, value] of found) {
      expect(Math.abs(value / (importance[name] ?? NaN) - 1)).toBeLessThan(1e-8);
    }
  });

  it("has SciPy's rank correlation for every parameter that has an order, and none for others", () => {
    const { parameters: found } = importanceOf(record, dimensions);
    for (const { dimension, correlation } of found) {
      if (dimension.name === 'optimizer') expect(correlation).toBeUndefined();
      else expect(correlation).toBeCloseTo(spearman[dimension.name] ?? NaN, 12);
    }
  });
});

describe('importance', () => {
  const lrOf = (at: number) => 10 ** (-5 + at / 10);

  it('adds up to 1, with the parameter first that decides', () => {
    const trials = Array.from({ length: 40 }, (_, at) =>
      trialRecord(at + 1, {
        parameters: { lr: lrOf(at), dropout: (at * 0.377) % 0.6 },
        metric: Math.abs(at - 20),
      }),
    );
    const record = sweepRecord(trials, { parameters: { lr: parameters.lr, dropout: parameters.dropout } });
    const { parameters: found, best } = importanceOf(record, dimensionsOf(record));
    expect(found.map(({ dimension }) => dimension.name)).toEqual(['lr', 'dropout']);
    expect(found.reduce((sum, { share = NaN }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(found[0]?.share).toBeGreaterThan(0.8);
    // A tenth of 40 is 4: too few for a density.
    expect(best).toBe(5);
  });

  it('counts neither trials that failed nor those that still run', () => {
    const trials = Array.from({ length: 12 }, (_, at) =>
      trialRecord(at + 1, {
        parameters: { lr: lrOf(at) },
        metric: at,
        state: at === 3 ? 'failed' : at === 4 ? 'running' : 'finished',
      }),
    );
    const record = sweepRecord(trials, { parameters: { lr: parameters.lr } });
    expect(importanceOf(record, dimensionsOf(record)).trials).toBe(10);
  });

  it('says nothing where there are too few trials to tell the best from the rest', () => {
    const record = sweepRecord(
      [1, 2, 3].map((at) => trialRecord(at, { parameters: { lr: lrOf(at) }, metric: at })),
      { parameters: { lr: parameters.lr } },
    );
    const { parameters: found } = importanceOf(record, dimensionsOf(record));
    expect(found.map(({ share }) => share)).toEqual([undefined]);
  });

  it('says nothing where all trials are equally good', () => {
    const record = sweepRecord(
      Array.from({ length: 20 }, (_, at) =>
        trialRecord(at + 1, { parameters: { lr: lrOf(at) }, metric: 0.5 }),
      ),
      { parameters: { lr: parameters.lr } },
    );
    const [found] = importanceOf(record, dimensionsOf(record)).parameters;
    expect([found?.share, found?.correlation]).toEqual([undefined, undefined]);
  });

  it('has no correlation of two pairs, or of one value alone', () => {
    expect(rankCorrelation([1, 2], [3, 4])).toBeUndefined();
    expect(rankCorrelation([1, 1, 1], [3, 4, 5])).toBeUndefined();
  });
});
