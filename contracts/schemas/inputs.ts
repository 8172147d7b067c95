import { z } from 'zod';
import { plainWords } from '../plain-words';
import { refSchema } from './documents';
import { exportSchema } from './forms';
import { datasetConfigSchema, nameSchema } from './pipeline';
import { preprocessingSchema } from './preprocessing';
import { rulesSchema } from './promotion';
import { whoSchema, whySchema } from './words';

/** A run's model or a registered one, and on which pictures it is judged, where not on its own dataset version's. */
const evaluateSchema = z
  .strictObject({
    run: refSchema<'run'>().optional(),
    forms: refSchema<'forms'>().optional().describe('of the run: the chosen one is judged'),
    model: nameSchema.optional(),
    version: z.int().min(1).optional().describe('of the model; left out: its champion'),
    manifest: refSchema<'manifest'>().optional(),
    dataset: nameSchema.optional().describe('whose version `manifest` is, where that is not the model’s own'),
    robustness: z
      .boolean()
      .optional()
      .describe('also on pictures made worse; left out: of a registered version, not of a run'),
  })
  .transform(({ run, forms, model, version, ...on }, context) => {
    if (run !== undefined && model === undefined && version === undefined) return { ...on, run, forms };
    if (model !== undefined && run === undefined && forms === undefined) return { ...on, model, version };
    context.addIssue('takes either a run, or a model and its version');
    return z.NEVER;
  });

/**
 * Whoever reaches the Temporal frontend can start a workflow with any JSON, so the inputs of the single
 * stages are parsed by the first activity that meets them.
 */
export const stageInputSchemas = {
  ingest: datasetConfigSchema,
  watchData: z
    .strictObject({
      config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
      overrides: z.array(z.string()).optional(),
      settle: z.number().min(0).max(86_400).default(30).describe('seconds'),
    })
    .prefault({}),
  preprocess: z.strictObject({
    name: nameSchema,
    manifest: refSchema<'manifest'>(),
    preprocess: preprocessingSchema.prefault({}),
  }),
  evaluate: evaluateSchema,
  forms: z.strictObject({
    model: nameSchema,
    version: z.int().min(1).optional(),
    export: exportSchema.prefault({ forms: ['float32', 'float16', 'int8'] }),
  }),
  promote: z.strictObject({
    model: nameSchema,
    version: z.int().min(1),
    rules: rulesSchema.optional(),
    by: whoSchema.default('promote'),
    reason: whySchema.optional(),
    dryRun: z.boolean().default(false),
    evaluation: refSchema<'evaluation'>().optional(),
  }),
  rollback: z.strictObject({
    model: nameSchema,
    version: z.int().min(1).optional(),
    by: whoSchema.default('rollback'),
    reason: z.string().overwrite(plainWords).max(2000).default('rolled back by hand'),
  }),
} as const;

export type StageInputs = { [K in keyof typeof stageInputSchemas]: z.infer<(typeof stageInputSchemas)[K]> };
