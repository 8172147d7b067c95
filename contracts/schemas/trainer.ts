import { z } from 'zod';
import { failureKinds, type FailureType } from '../failures';
import { epochMetricsSchema, refSchema } from './documents';
import { runConfigSchema } from './run';

/** What a trainer process is asked to do: all that its worker ever sends it. To stop it, the worker kills it. */
export const trainerJobSchema = z.strictObject({
  /** A folder, or `gs://bucket/prefix`. */
  storeLocation: z.string().min(1),
  gcsEndpoint: z.string().optional(),
  config: runConfigSchema,
  prepared: refSchema<'prepared'>(),
  /** From `runId`: where in the store everything of this run lies. */
  run: z.string().regex(/^[0-9a-f]{16}$/),
});
export type TrainerJob = z.infer<typeof trainerJobSchema>;

/** How far a training is. */
export const trainerProgressSchema = z.strictObject({
  phase: z.enum(['starting', 'training', 'validating', 'saving', 'exporting']),
  /** The epoch under way, from 1; 0 before the first. */
  epoch: z.int().min(0),
  epochs: z.int().min(1),
  /** Steps done and in all, over the whole run. */
  step: z.int().min(0),
  steps: z.int().min(0),
  examplesPerSecond: z.number().min(0),
  /** Of the newest batches. */
  loss: z.number().optional(),
  /** Of the last epoch that is complete. */
  last: epochMetricsSchema.optional(),
  device: z.string(),
});
export type TrainerProgress = z.infer<typeof trainerProgressSchema>;

const failureTypeSchema = z.custom<FailureType>(
  (value) => typeof value === 'string' && Object.hasOwn(failureKinds, value),
);

/** From a trainer process to its worker. */
export const trainerReportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), progress: trainerProgressSchema }),
  /** Something that a person should know and that stops nothing. */
  z.strictObject({ kind: z.literal('notice'), message: z.string() }),
  z.strictObject({ kind: z.literal('done'), result: refSchema<'run'>() }),
  z.strictObject({
    kind: z.literal('failed'),
    /** Without a type it is a defect, and `message` holds its stack. */
    failure: z.strictObject({ type: failureTypeSchema.optional(), message: z.string() }),
  }),
]);
export type TrainerReport = z.infer<typeof trainerReportSchema>;

/** `runs/<id>/checkpoints/<epoch>/checkpoint.json`, written after what it names. */
export const checkpointSchema = z.strictObject({
  run: z.string(),
  /** Epochs that are complete. */
  epoch: z.int().min(1),
  /** float32, little-endian: weights, the optimiser's slots, the best epoch's weights. */
  state: refSchema<'state'>(),
  best: epochMetricsSchema,
  history: z.array(epochMetricsSchema).min(1),
  /** The same bytes come out only where these are the same. */
  environment: z.strictObject({ tensorflow: z.string(), device: z.string(), cpu: z.string() }),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
