import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  fewestForMeans,
  pairedMean,
  pairedMeanBounds,
  picturesToDecideMean,
  studentQuantile,
} from '../../../lib/promotion/gates/paired-means';
import {
  pairedDifferenceBounds,
  picturesToDecide,
  sureness,
} from '../../../lib/promotion/gates/paired-shares';

interface Fixture {
  readonly shares: readonly {
    readonly pictures: number;
    readonly gained: number;
    readonly lost: number;
    readonly bounds: readonly [number, number];
  }[];
  readonly means: readonly {
    readonly differences: readonly number[];
    readonly bounds: readonly [number, number];
  }[];
  readonly sizes: readonly {
    readonly differing: number;
    readonly margin: number;
    readonly pictures: number;
  }[];
  readonly quantiles: readonly { readonly freedom: number; readonly quantile: number }[];
}

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/promotion/promotion.json'), 'utf8'),
) as Fixture;

describe('pairedDifferenceBounds', () => {
  it.each(fixture.shares)(
    "finds SciPy's bounds of $gained gained and $lost lost of $pictures",
    ({ bounds, ...counts }) => {
      const [low, high] = pairedDifferenceBounds(counts);
      // As far as the search for the likelihood's maximum is right.
      expect(low).toBeCloseTo(bounds[0], 6);
      expect(high).toBeCloseTo(bounds[1], 6);
    },
  );

  it('gives the interval that Fagerland, Lydersen and Laake (2014) print for airway hyper-responsiveness', () => {
    // 21 children, 1 worse before and 7 after a transplantation; two-sided 95 %, as in their table.
    const [low, high] = pairedDifferenceBounds({ pictures: 21, gained: 1, lost: 7 }, 1.959963984540054);
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['-0.517', '-0.026']);
  });

  it('knows nothing of no pictures, and does not take two equal answers to one picture for proof', () => {
    expect(pairedDifferenceBounds({ pictures: 0, gained: 0, lost: 0 })).toEqual([-1, 1]);
    const [low, high] = pairedDifferenceBounds({ pictures: 1, gained: 0, lost: 0 });
    expect(high).toBeCloseTo(sureness ** 2 / (1 + sureness ** 2), 9);
    expect(low).toBeCloseTo(-high, 9);
  });

  it('turns about where the two models change places', () => {
    const [low, high] = pairedDifferenceBounds({ pictures: 300, gained: 20, lost: 11 });
    const [turnedLow, turnedHigh] = pairedDifferenceBounds({ pictures: 300, gained: 11, lost: 20 });
    expect(low).toBeCloseTo(-turnedHigh, 10);
    expect(high).toBeCloseTo(-turnedLow, 10);
  });
});

describe('pairedMeanBounds', () => {
  it.each(fixture.means)(
    "finds SciPy's bounds of $differences.length differences",
    ({ differences, bounds }) => {
      const [low, high] = pairedMeanBounds(pairedMean(differences));
      expect(low).toBeCloseTo(bounds[0], 9);
      expect(high).toBeCloseTo(bounds[1], 9);
    },
  );

  it.each(fixture.quantiles)(
    "finds SciPy's quantile at $freedom degrees of freedom",
    ({ freedom, quantile }) => {
      expect(studentQuantile(freedom)).toBeCloseTo(quantile, 9);
    },
  );

  it('is sure of nothing with one picture', () => {
    expect(pairedMeanBounds(pairedMean([0.2]))).toEqual([-Infinity, Infinity]);
  });
});

describe('how many pictures would decide', () => {
  it.each(fixture.sizes)(
    'is what statsmodels says where $differing differ and $margin is allowed',
    ({ differing, margin, pictures }) => {
      const counts = { pictures: 1000, gained: (differing * 1000) / 2, lost: (differing * 1000) / 2 };
      expect(picturesToDecide(counts, margin)).toBe(Math.ceil(pictures));
      const deviation = Math.sqrt(differing);
      expect(picturesToDecideMean({ pictures: 1000, mean: 0, deviation }, margin)).toBe(Math.ceil(pictures));
    },
  );

  it.each([0.01, 0.02, 0.1])('is for a copy of the champion just enough at a margin of %d', (margin) => {
    const needed = picturesToDecide({ pictures: 10, gained: 0, lost: 0 }, margin);
    const least = (pictures: number): number => pairedDifferenceBounds({ pictures, gained: 0, lost: 0 })[0];
    expect(least(needed)).toBeGreaterThan(-margin);
    expect(least(needed - 1)).toBeLessThan(-margin);
  });

  it('is never so few that the mean of a loss means nothing', () => {
    expect(picturesToDecideMean({ pictures: 5, mean: 0, deviation: 0 }, 1)).toBe(fewestForMeans);
  });
});
