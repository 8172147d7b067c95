import { z } from 'zod';
import { failureKinds, type FailureType } from '../failures';
import { refSchema } from './documents';
import { runConfigSchema } from './run';

/** Some steps of a training whose weights nobody keeps, to learn something about the training itself. */
const rehearsalSchema = z.strictObject({
  /** A folder, or `gs://bucket/prefix`. */
  storeLocation: z.string().min(1),
  gcsEndpoint: z.string().optional(),
  config: runConfigSchema,
  prepared: refSchema<'prepared'>(),
  /** Of the run's parts, by name; the first where none is named. */
  phase: z.string().optional(),
});

const stepsSchema = z.int().min(1).max(10_000);

/** What a rehearsal's process is asked to do: the one message that it gets. */
export const rehearsalJobSchema = z.discriminatedUnion('kind', [
  rehearsalSchema.extend({
    kind: z.literal('profile'),
    steps: stepsSchema,
    /** Steps before the first that counts. */
    warmup: z.int().min(0).max(1000),
    /** A file, or a key of the store. */
    trace: z.union([z.strictObject({ file: z.string() }), z.strictObject({ key: z.string() })]),
  }),
  rehearsalSchema.extend({
    kind: z.literal('rate-range'),
    from: z.number().positive(),
    to: z.number().positive(),
    steps: stepsSchema,
  }),
]);
export type RehearsalJob = z.infer<typeof rehearsalJobSchema>;

/** What was rehearsed, for whoever reads its figures. */
const subjectSchema = z.strictObject({
  phase: z.string(),
  /** Pictures a step. */
  batch: z.int().min(1),
  parameters: z.int().min(0),
  device: z.enum(['cpu', 'gpu']),
  tensorflow: z.string(),
});

const milliseconds = z.number().min(0);

/**
 * What a step consists of, in its order: choosing and drawing (`batch`), copying in and augmenting (`input`), the way
 * there, the loss, the way back, the optimiser, and the process' other business (`between`).
 */
export const stepParts = ['batch', 'input', 'forward', 'loss', 'backward', 'optimiser', 'between'] as const;
export type StepPart = (typeof stepParts)[number];

export const profileSchema = z.strictObject({
  kind: z.literal('profile'),
  subject: subjectSchema,
  /** Of each step, in milliseconds. */
  steps: z.array(milliseconds),
  /** The slowest in all first. */
  operations: z.array(
    z.strictObject({
      name: z.string(),
      calls: z.int().min(1),
      milliseconds,
      /** The largest input of any call. */
      largest: z.array(z.int()),
    }),
  ),
  /** In the order in which they are met. */
  layers: z.array(z.strictObject({ name: z.string(), forward: milliseconds, backward: milliseconds })),
  /** What a step consists of, over all steps, each with what its operations took. */
  parts: z.array(z.strictObject({ name: z.enum(stepParts), milliseconds, operations: milliseconds })),
  trace: z.strictObject({ events: z.int().min(0), leftOut: z.int().min(0) }),
});
export type Profile = z.infer<typeof profileSchema>;

export const rateRangeSchema = z.strictObject({
  kind: z.literal('rate-range'),
  subject: subjectSchema,
  points: z.array(
    z.strictObject({
      rate: z.number().positive(),
      /** The batch's mean, as it was before the step at this rate. */
      loss: z.number(),
      smoothed: z.number(),
    }),
  ),
  /** Whether it went through, or the loss rose beyond all measure, or was no number any more. */
  ended: z.enum(['complete', 'diverged', 'not-a-number']),
});
export type RateRange = z.infer<typeof rateRangeSchema>;

const failureTypeSchema = z.custom<FailureType>(
  (value) => typeof value === 'string' && Object.hasOwn(failureKinds, value),
);

/** From a rehearsal's process to whoever started it. */
export const rehearsalReportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('progress'), done: z.int().min(0), total: z.int().min(1) }),
  z.strictObject({
    kind: z.literal('done'),
    result: z.discriminatedUnion('kind', [profileSchema, rateRangeSchema]),
  }),
  z.strictObject({
    kind: z.literal('failed'),
    /** Without a type it is a defect, and `message` holds its stack. */
    failure: z.strictObject({ type: failureTypeSchema.optional(), message: z.string() }),
  }),
]);
export type RehearsalReport = z.infer<typeof rehearsalReportSchema>;
