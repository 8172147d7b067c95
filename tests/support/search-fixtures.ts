import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** What SciPy, scikit-learn and mpmath computed; tests/fixtures/search/README.md says of what, and how. */

const numbers = z.array(z.number());

const fixturesSchema = z.object({
  distributions: z.array(
    z.object({ distribution: z.record(z.string(), z.unknown()), x: numbers, below: numbers }),
  ),
  process: z.object({
    points: z.array(numbers),
    values: numbers,
    kernel: z.object({ lengths: numbers, signal: z.number(), noise: z.number() }),
    others: z.array(numbers),
    mean: numbers,
    deviation: numbers,
    likelihood: z.number(),
    gradient: numbers,
  }),
  improvement: z.array(z.tuple([z.number(), z.number(), z.number()])),
  sobol: z.array(numbers),
});

export const searchFixtures = fixturesSchema.parse(
  JSON.parse(readFileSync(path.join(__dirname, '../fixtures/search/search.json'), 'utf8')),
);
