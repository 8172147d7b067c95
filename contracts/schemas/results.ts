import { z } from 'zod';
import { refSchema } from './documents';

/** Results of memoised stages: kept in the store, and parsed when they are found there again. */

export const ingestResultSchema = z.strictObject({
  manifest: refSchema<'manifest'>(),
  pictures: z.int(),
  classes: z.array(z.string()),
  perSplit: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  /** Pictures left out; the dataset's card names each, with its reason. */
  rejected: z.int(),
});
export type IngestResult = z.infer<typeof ingestResultSchema>;

export const preprocessResultSchema = z.strictObject({
  prepared: refSchema<'prepared'>(),
  pictures: z.int(),
  rejected: z.int(),
});
export type PreprocessResult = z.infer<typeof preprocessResultSchema>;
