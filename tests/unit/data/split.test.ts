import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { SplitName } from '../../../contracts/schemas/documents';
import {
  assignSplits,
  countPictures,
  countSplits,
  requireTrainable,
  type Splittable,
} from '../../../lib/data/split';

const shares = { validation: 0.15, test: 0.15, seed: 1 };

function pictures(n: number, split?: SplitName): Splittable[] {
  return Array.from({ length: n }, (_, i) => ({
    label: i % 2 === 0 ? 'cat' : 'dog',
    sha256: createHash('sha256').update(`picture ${i}`).digest('hex'),
    ...(split && { split }),
  }));
}

function count(splits: readonly SplitName[]): Record<SplitName, number> {
  return countSplits(countPictures(splits.map((split) => ({ label: 'any', split }))));
}

function message(rows: Record<string, [number, number, number]>): string {
  const counts = new Map(
    Object.entries(rows).map(([label, [train, validation, test]]) => [label, { train, validation, test }]),
  );
  try {
    requireTrainable(counts);
  } catch (error) {
    expect(error).toMatchObject({ type: 'dataset-invalid' });
    return error instanceof Error ? error.message : '';
  }
  return '';
}

describe('assignSplits', () => {
  it('meets the shares on average', () => {
    const n = 4000;
    const { train, validation, test } = count(assignSplits(pictures(n), shares));
    // Four standard deviations of a binomial count.
    const slack = 4 * Math.sqrt(n * 0.15 * 0.85);
    expect(Math.abs(validation - 0.15 * n)).toBeLessThan(slack);
    expect(Math.abs(test - 0.15 * n)).toBeLessThan(slack);
    expect(train + validation + test).toBe(n);
  });

  it('moves no picture when others come, go or change places', () => {
    const few = pictures(300);
    const before = assignSplits(few, shares);
    expect(assignSplits(pictures(900), shares).slice(0, 300)).toEqual(before);
    expect(assignSplits([...few].reverse(), shares).reverse()).toEqual(before);
  });

  it('draws anew for another seed', () => {
    expect(assignSplits(pictures(300), { ...shares, seed: 2 })).not.toEqual(
      assignSplits(pictures(300), shares),
    );
  });

  it('keeps what the source has assigned', () => {
    const given = [...pictures(5, 'train'), ...pictures(5, 'validation'), ...pictures(5, 'test')];
    expect(assignSplits(given, shares)).toEqual(given.map(({ split }) => split));
  });

  it('takes the validation out of train where the source gives train and test alone', () => {
    const splits = assignSplits([...pictures(1000, 'train'), ...pictures(100, 'test')], shares);
    const { train, validation, test } = count(splits);
    expect(test).toBe(100);
    expect(validation).toBeGreaterThan(120);
    expect(validation).toBeLessThan(235);
    expect(train + validation).toBe(1000);
  });
});

describe('requireTrainable', () => {
  it('takes two classes with pictures in every split', () => {
    expect(message({ cat: [3, 1, 0], dog: [3, 0, 1] })).toBe('');
  });

  it('says what is missing', () => {
    expect(message({})).toContain('no picture that can be read');
    expect(message({ cat: [3, 1, 1] })).toContain('only one class, "cat"');
    expect(message({ cat: [3, 0, 0], dog: [3, 0, 0] })).toContain('validation and test, of 6');
    expect(message({ cat: [3, 1, 1], dog: [0, 1, 1] })).toContain('"dog"');
  });
});
