import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { toHalf } from '../../../lib/forms/halve';

const file = path.join(__dirname, '../../fixtures/forms/halves.json');
const { values, bits } = z
  .object({ values: z.array(z.number()), bits: z.array(z.int()) })
  .parse(JSON.parse(readFileSync(file, 'utf8')));

describe('float16', () => {
  it('has the bits that NumPy gives it, of small and large numbers alike', () => {
    expect(values.length).toBeGreaterThan(300);
    expect(values.map(toHalf)).toEqual(bits);
  });
});
