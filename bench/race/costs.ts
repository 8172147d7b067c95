import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What a trial costs besides its figures; seconds of one core, by `npm run bench -- race --measure`. */
const costsSchema = z.strictObject({
  /** Where and how it was measured. */
  note: z.string(),
  drover: z.strictObject({
    /** From a trainer process' start to its first step, with the search's and the engine's work, until it is gone. */
    segment: z.number().positive(),
    /** The export of a model that was trained to its end. */
    end: z.number().nonnegative(),
  }),
  keras: z.strictObject({
    /** Python, Keras with TensorFlow, and the pictures read. */
    process: z.number().positive(),
    /** A model built, and its steps traced. */
    trial: z.number().nonnegative(),
  }),
  /** One epoch with its validation, by batch size. */
  epoch: z.strictObject({
    drover: z.record(z.string(), z.number().positive()),
    keras: z.record(z.string(), z.number().positive()),
  }),
});
export type Costs = z.infer<typeof costsSchema>;

export const costsFile = join(__dirname, 'costs.json');

export function readCosts(): Costs {
  return costsSchema.parse(JSON.parse(readFileSync(costsFile, 'utf8')));
}
