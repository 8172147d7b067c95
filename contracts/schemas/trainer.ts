import { z } from 'zod';
import { failureKinds, type FailureType } from '../failures';
import { epochMetricsSchema, refSchema } from './documents';
import { runConfigSchema } from './run';
import { trackingSchema } from './tracking';

/** Of several processes that share every step of one run, which this is, and where they meet. */
export const trainerPartSchema = z.strictObject({
  /** From 0; that one leads. */
  k: z.int().min(0),
  n: z.int().min(2),
  /** A Unix socket's path, in a folder that only this user can read. */
  socket: z.string().min(1),
  /** What each has to show there. Like the job, it comes into no log. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
});
export type TrainerPart = z.infer<typeof trainerPartSchema>;

/** What a trainer process is asked to do: the first that its worker sends it, and again each time it waits. */
export const trainerJobSchema = z.strictObject({
  /** A folder, or `gs://bucket/prefix`. */
  storeLocation: z.string().min(1),
  gcsEndpoint: z.string().optional(),
  config: runConfigSchema,
  prepared: refSchema<'prepared'>(),
  /** From `runId`: where in the store everything of this run lies. */
  run: z.string().regex(/^[0-9a-f]{16}$/),
  /** May hold a token: the job goes from process to process, and into no log or history. */
  tracking: trackingSchema.optional(),
  /** Where it is to stop with a checkpoint once so many epochs are complete, unless the run ends before. */
  until: z.int().min(1).optional(),
  /** Where `config.devices` is more than 1. */
  part: trainerPartSchema.optional(),
});
export type TrainerJob = z.infer<typeof trainerJobSchema>;

/** How far a training is. */
export const trainerProgressSchema = z.strictObject({
  phase: z.enum(['starting', 'features', 'training', 'validating', 'saving', 'exporting']),
  /** The epoch under way, from 1; 0 before the first. */
  epoch: z.int().min(0),
  epochs: z.int().min(1),
  /** Steps done and in all, over the whole run. */
  step: z.int().min(0),
  steps: z.int().min(0),
  examplesPerSecond: z.number().min(0),
  /** Of the newest batches. */
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  /** Seconds until the end, as it looks; missing while nobody can tell. */
  secondsLeft: z.number().min(0).optional(),
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
  /** Each epoch that is complete, those that an earlier trainer did first. */
  z.strictObject({ kind: z.literal('epoch'), metrics: epochMetricsSchema }),
  z.strictObject({ kind: z.literal('done'), result: refSchema<'run'>() }),
  /** It stopped after the epoch that its job says, and its checkpoint is saved. */
  z.strictObject({ kind: z.literal('reached') }),
  /** It was told to stop, and its checkpoint is saved. */
  z.strictObject({ kind: z.literal('stopped') }),
  /** After `done` or `reached`: it is fit for another job. */
  z.strictObject({ kind: z.literal('waiting') }),
  z.strictObject({
    kind: z.literal('failed'),
    /** Without a type it is a defect, and `message` holds its stack. */
    failure: z.strictObject({ type: failureTypeSchema.optional(), message: z.string() }),
  }),
]);
export type TrainerReport = z.infer<typeof trainerReportSchema>;

/** What a worker may say to its trainer after the job: save a checkpoint, and end. */
export const trainerOrderSchema = z.strictObject({ kind: z.literal('stop') });
export type TrainerOrder = z.infer<typeof trainerOrderSchema>;

/** `runs/<id>/checkpoints/<step>/checkpoint.json`, written after what it names. */
export const checkpointSchema = z.strictObject({
  run: z.string(),
  /** Of the run's parts, such as a head's training and the fine-tuning after it, from 0. */
  phase: z.int().min(0),
  /** Epochs that are complete. */
  epoch: z.int().min(0),
  /** Steps of the whole run that are done. */
  step: z.int().min(0),
  /** Of the epoch under way. */
  within: z.strictObject({
    batches: z.int().min(0),
    loss: z.number(),
    correct: z.int().min(0),
    count: z.int().min(0),
    seconds: z.number().min(0),
  }),
  /** float32, little-endian: weights, the optimiser's slots, the best epoch's weights. */
  state: refSchema<'state'>(),
  /** How many numbers of `state` each part is. */
  numbers: z.strictObject({ learner: z.int().min(0), bestWeights: z.int().min(0) }),
  best: epochMetricsSchema.optional(),
  history: z.array(epochMetricsSchema),
  /** The same bytes come out only where these are the same. */
  environment: z.strictObject({ tensorflow: z.string(), device: z.string(), cpu: z.string() }),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
