import { z } from 'zod';
import { refSchema, trainedModelSchema } from './documents';

/** The documents of the registry: numbered versions, and the movable names for them. */

/** One file that a version can be used as, such as `onnx`; others (`int8`, `float16`) stand beside it. */
export const modelFormSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/),
  /** Its name beside `version.json`, and in an export. */
  file: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  ref: refSchema(),
  bytes: z.int().min(0),
});
export type ModelForm = z.infer<typeof modelFormSchema>;

/** `models/<name>/versions/<n>/version.json`: a registered model, numbered, immutable. */
export const modelVersionSchema = z.strictObject({
  name: z.string(),
  version: z.int().min(1),
  createdAt: z.iso.datetime(),
  model: trainedModelSchema,
  lineage: z.strictObject({
    run: z.string(),
    result: refSchema<'run'>(),
    prepared: refSchema<'prepared'>(),
    manifest: refSchema<'manifest'>(),
    sweep: z.string().optional(),
    pipeline: z.string().optional(),
  }),
  evaluation: refSchema<'evaluation'>(),
  /** Headline figures, so that a listing needs no second look-up. */
  metrics: z.strictObject({ accuracy: z.number(), loss: z.number(), pictures: z.int() }),
  /** What follows is missing in versions of before 0.2.0. The files of `model`, and whatever else it can be used as. */
  forms: z.array(modelFormSchema).optional(),
  card: refSchema<'card'>().optional(),
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

/**
 * `models/<name>/numbers.json`, moved by compare-and-swap: which run has which number, the first having 1; served in another form
 * than float32 it has one more for each.
 */
export const modelNumbersSchema = z.strictObject({ runs: z.array(z.string()) });

/** `models/<name>/aliases/<alias>.json`, moved by compare-and-swap; its history is part of it. */
export const aliasSchema = z.strictObject({
  alias: z.string(),
  version: z.int().min(1),
  /** Taken away: it names nothing until it is set again. Its history stays. */
  removed: z.literal(true).optional(),
  history: z.array(
    z.strictObject({
      version: z.int().min(1),
      at: z.iso.datetime(),
      by: z.string(),
      reason: z.string(),
      evaluation: refSchema<'evaluation'>().optional(),
      /** The id of the promotion that moved it, whose record lies in `models/<name>/promotions/`. */
      promotion: z.string().optional(),
      /** The step took the alias away from this version. */
      removed: z.literal(true).optional(),
    }),
  ),
});
export type Alias = z.infer<typeof aliasSchema>;
