import { z } from 'zod';

/** Of what `encodeObservations` writes: a file of another version is made anew. */
export const observationsVersion = 1;

/** The first line of a file of observations, in JSON: what follows are its numbers. */
export const observationsHeaderSchema = z.strictObject({
  drover: z.literal('observations'),
  version: z.literal(observationsVersion),
  count: z.int().min(0).max(100_000),
  dimensions: z.int().min(0).max(100_000),
  classes: z.int().min(0).max(100_000),
  /** Of the numbers. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
