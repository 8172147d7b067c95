import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { chiSquared } from '../../../lib/drift/chi-squared';
import { fewerRightP } from '../../../lib/drift/feedback';
import { neighbourDistances, precedenceP } from '../../../lib/drift/foreign';
import { kolmogorovSmirnov, kolmogorovTail } from '../../../lib/drift/kolmogorov-smirnov';
import { meanDiscrepancy } from '../../../lib/drift/mmd';
import { rocArea } from '../../../lib/drift/roc-area';
import { createRandom } from '../../../lib/random';

const numbers = z.array(z.number());
const pair = z.tuple([z.number(), z.number()]);
const fixture = z
  .strictObject({
    'made with': z.record(z.string(), z.string()),
    samples: z.array(
      z.strictObject({
        ...{ name: z.string(), first: numbers, second: numbers },
        ...{ ks: z.number(), ksP: z.number(), auc: z.number(), aucVariance: z.number() },
      }),
    ),
    tables: z.array(
      z.strictObject({ first: numbers, second: numbers, statistic: z.number(), p: z.number() }),
    ),
    limits: z.array(z.strictObject({ x: z.number(), p: z.number() })),
    discrepancies: z.array(
      z.strictObject({
        ...{ dimensions: z.int(), first: numbers, second: numbers },
        ...{ mmd: z.number(), bandwidth: z.number(), fifth: numbers },
      }),
    ),
    precedences: z.array(
      z.strictObject({ over: z.int(), m: z.int(), rank: z.int(), n: z.int(), p: z.number() }),
    ),
    fisher: z.array(z.strictObject({ reference: pair, window: pair, p: z.number() })),
  })
  .parse(
    JSON.parse(readFileSync(path.join(__dirname, '../../fixtures/drift/drift.json'), 'utf8')) as unknown,
  );

describe('the figures of drift are those of SciPy and scikit-learn', () => {
  it.each(fixture.samples)('two samples: $name', ({ first, second, ks, ksP, auc, aucVariance }) => {
    const found = kolmogorovSmirnov(first, second);
    expect(found.statistic).toBeCloseTo(ks, 9);
    expect(found.p).toBeCloseTo(ksP, 9);
    // Small ones to as many digits.
    expect(found.p / ksP).toBeCloseTo(1, 6);
    const area = rocArea(first, second);
    expect(area.area).toBeCloseTo(auc, 9);
    expect(area.variance).toBeCloseTo(aucVariance, 9);
  });

  it.each(fixture.limits)("Kolmogorov's distribution at $x", ({ x, p }) => {
    expect(kolmogorovTail(x)).toBeCloseTo(p, 9);
  });

  it.each(fixture.tables)('counts $first and $second', ({ first, second, statistic, p }) => {
    const found = chiSquared(first, second);
    expect(found.statistic).toBeCloseTo(statistic, 9);
    expect(found.p).toBeCloseTo(p, 9);
  });

  it.each(fixture.discrepancies)('MMD and distances in $dimensions dimensions', async (one) => {
    const [first, second] = [Float32Array.from(one.first), Float32Array.from(one.second)];
    const random = createRandom(1);
    const options = { permutations: 9, random };
    const found = await meanDiscrepancy(first, second, one.dimensions, options);
    expect(found.statistic).toBeCloseTo(one.mmd, 9);
    expect(found.bandwidth).toBeCloseTo(one.bandwidth, 9);
    const turned = await meanDiscrepancy(second, first, one.dimensions, options);
    expect(turned.statistic).toBeCloseTo(one.mmd, 9);
    const distances = await neighbourDistances(second, first, one.dimensions);
    one.fifth.forEach((distance, at) => {
      expect(distances[at]).toBeCloseTo(distance, 6);
    });
  });

  it.each(fixture.precedences)('$over of $m above the $rank largest of $n', ({ over, m, rank, n, p }) => {
    expect(precedenceP(over, m, rank, n)).toBeCloseTo(p, 9);
  });

  it.each(fixture.fisher)('fewer right answers: $window after $reference', ({ reference, window, p }) => {
    const rights = ([right, of]: readonly [number, number]) => ({ right, of });
    expect(fewerRightP(rights(reference), rights(window))).toBeCloseTo(p, 9);
  });
});
