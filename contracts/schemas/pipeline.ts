import { z } from 'zod';
import { validationSchema } from './dataset';
import { exportSchema } from './forms';
import { nameSchema } from './name';
import { preprocessingSchema } from './preprocessing';
import { promotionSchema } from './promotion';
import { sweepConfigSchema } from './sweep';

export { nameSchema };

/** Names of parameters that carry a secret, signed addresses' among them (`X-Goog-Signature`). */
const secretInQuery =
  /[?&;](?:[\w.-]*token|(?:[\w.-]*[_.-])?(?:secret|signature|sig|password|passwd|credential|api[-_]?key))=/i;

/** Where labelled pictures come from. */
export const sourceSchema = z.strictObject({
  uri: z
    .string()
    .min(1)
    .refine((uri) => uri.trim() === uri, 'begins or ends with a space')
    .refine((uri) => !/^[a-z][a-z0-9+.-]*:[\\/]{2}[^/\\]*@/i.test(uri), 'holds credentials; take them out')
    .refine(
      (uri) => !secretInQuery.test(uri),
      'holds what looks like a secret in its query, which histories and cards would show; name one by source.secret',
    )
    .describe('sample://animals, a folder, gs://, https:// (archive or manifest), kaggle://owner/dataset'),
  labels: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe("the source's names of classes, and yours: cane: dog; two may become one"),
  licence: z
    .string()
    .max(2000)
    .optional()
    .describe('whose the pictures are, and what they allow; for the card'),
  secret: z
    .string()
    .regex(/^[A-Z0-9_]{1,64}$/, 'capitals, digits and _')
    .optional()
    .describe("the name of a bearer token in the worker's environment: DROVER_SECRET_<name>"),
});
export type SourceConfig = z.infer<typeof sourceSchema>;

/** Shares of the pictures that no source has assigned already. */
export const splitSchema = z
  .strictObject({
    validation: z.number().min(0).max(0.5).default(0.15),
    test: z.number().min(0).max(0.5).default(0.15),
    seed: z.int().min(0).max(2_147_483_647).default(1),
  })
  .refine(({ validation, test }) => validation + test < 1, 'validation and test leave nothing to train on')
  .default({ validation: 0.15, test: 0.15, seed: 1 });

export type Split = z.infer<typeof splitSchema>;

/** A dataset's own YAML, such as `configs/animals10.yaml`: what `drover data ingest` takes. */
export const datasetConfigSchema = z.strictObject({
  name: nameSchema,
  source: sourceSchema,
  split: splitSchema,
  validate: validationSchema.prefault({}),
});

export type DatasetConfig = z.infer<typeof datasetConfigSchema>;

/** `configs/pipeline.yaml`: from a source to a champion. */
export const pipelineConfigSchema = z.strictObject({
  name: nameSchema.default('animals').describe('of the dataset and of the model'),
  source: sourceSchema.default({ uri: 'sample://animals' }),
  split: splitSchema,
  validate: validationSchema
    .prefault({})
    .describe('what is done about pictures that are not as they should be'),
  preprocess: preprocessingSchema.prefault({}),
  sweep: sweepConfigSchema,
  export: exportSchema,
  promote: promotionSchema,
});

export type PipelineConfig = z.infer<typeof pipelineConfigSchema>;
