import { z } from 'zod';
import { refSchema } from './documents';

/** Results of memoised stages: kept in the store, and parsed when they are found there again. */

export const ingestResultSchema = z.strictObject({
  manifest: refSchema<'manifest'>(),
  pictures: z.int(),
  classes: z.array(z.string()),
  perSplit: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  /** Files left out; the dataset's card names each, with its reason. */
  rejected: z.int(),
  /** `card.html`; missing in what version 0.1.0 kept. */
  card: refSchema<'card'>().optional(),
  /** What is worth a look, a line each. */
  warnings: z.array(z.string()).optional(),
});
export type IngestResult = z.infer<typeof ingestResultSchema>;

export const preprocessResultSchema = z.strictObject({
  prepared: refSchema<'prepared'>(),
  pictures: z.int(),
  rejected: z.int(),
});
export type PreprocessResult = z.infer<typeof preprocessResultSchema>;
