import { z } from 'zod';
import type { Ref } from '../refs';
import { formNames } from './form-names';
import { preprocessingSchema } from './preprocessing';
import { runConfigSchema, type metricNames } from './run';

/** The documents that Drover keeps in its store; each is parsed by these when it is read. */

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export function refSchema<Kind extends string>(): z.ZodType<Ref<Kind>> {
  return z.strictObject({ uri: z.string(), sha256: sha256Schema });
}

export const splitNames = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** Whence a picture came that no source holds: an answer of the API whose label a person has reviewed. */
export const originSchema = z.strictObject({
  /** The prediction's id. */
  prediction: z.uuid(),
  model: z.strictObject({ name: z.string(), version: z.int().min(1) }),
  /** What the model had said. */
  predicted: z.string(),
  reviewer: z.string(),
  /** When it was reviewed. */
  at: z.iso.datetime(),
});
export type Origin = z.infer<typeof originSchema>;

/** One line of a dataset version's `manifest.jsonl`. */
export const manifestEntrySchema = z.strictObject({
  /** Where the picture stood in its source; for people. */
  path: z.string(),
  label: z.string(),
  /** Of the picture's bytes, which lie in `blobs/sha256/`. */
  sha256: sha256Schema,
  split: z.enum(splitNames),
  /** Pictures of one group, such as one animal's, are in one split. */
  group: z.string().optional(),
  /** Of pictures that came by reviewed feedback; these are in `train` alone. */
  origin: originSchema.optional(),
});
export type ManifestEntry = z.infer<typeof manifestEntrySchema>;

/** A picture that was left out, and why. */
export const rejectionSchema = z.strictObject({ path: z.string(), reason: z.string() });
export type Rejection = z.infer<typeof rejectionSchema>;

/** `prepared/<key>/index.json`: fixed-size uint8 records in shards, with labels and split. */
export const preparedIndexSchema = z.strictObject({
  dataset: z.strictObject({ name: z.string(), manifest: refSchema<'manifest'>() }),
  preprocessing: preprocessingSchema,
  /** Class names; a label is an index into these. Sorted, so that the order never depends on the source. */
  classes: z.array(z.string()).min(2),
  /** Each shard holds `count` records of height × width × channels bytes; not all need be of this set. */
  shards: z.array(z.strictObject({ ref: refSchema<'shard'>(), count: z.int().min(1) })),
  /** Of each picture, its shard and its record there. Missing in sets of version 0.1.0, whose records are the pictures in order. */
  places: z.strictObject({ shard: z.array(z.int().min(0)), record: z.array(z.int().min(0)) }).optional(),
  /** Columns over all pictures, by split and path. */
  pictures: z.array(sha256Schema),
  labels: z.array(z.int().min(0)),
  splits: z.array(z.enum(splitNames)),
  /** Per channel, over the training split, of values in [0, 255]. */
  normalisation: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }),
  rejected: z.array(rejectionSchema),
});
export type PreparedIndex = z.infer<typeof preparedIndexSchema>;

/** A trained model in its forms, with all that serving needs beside the weights. */
export const trainedModelSchema = z.strictObject({
  classes: z.array(z.string()).min(2),
  preprocessing: preprocessingSchema,
  /** TF.js layers model (topology JSON, then weights). */
  layers: refSchema<'layers'>(),
  weights: refSchema<'weights'>(),
  /** ONNX, uint8 `[batch, height, width, channels]` in, probabilities `[batch, classes]` out. */
  onnx: refSchema<'onnx'>(),
  /** Which form `onnx` is; float32 where it is missing. */
  form: z.enum(formNames).optional(),
  /** The largest difference between the probabilities of TensorFlow and of the float32 form on real pictures. */
  parity: z.strictObject({ maxDifference: z.number(), pictures: z.int() }),
});
export type TrainedModel = z.infer<typeof trainedModelSchema>;

export const epochMetricsSchema = z.strictObject({
  epoch: z.int().min(1),
  train_loss: z.number(),
  train_accuracy: z.number(),
  validation_loss: z.number(),
  validation_accuracy: z.number(),
  seconds: z.number(),
  /** Of the epoch's last step; missing in runs of before 0.2.0, as the next. */
  lr: z.number().optional(),
  examples_per_second: z.number().optional(),
});
export type EpochMetrics = z.infer<typeof epochMetricsSchema>;

/** The figures of an epoch that runs are compared by. */
export function comparedMetrics(
  metrics: EpochMetrics,
): Readonly<Record<(typeof metricNames)[number], number>> {
  const { train_loss, train_accuracy, validation_loss, validation_accuracy } = metrics;
  return { train_loss, train_accuracy, validation_loss, validation_accuracy } satisfies Record<
    (typeof metricNames)[number],
    number
  >;
}

/** `runs/<id>/result.json`. The model is that of the best epoch, by the configuration's `best_by`. */
export const runResultSchema = z.strictObject({
  run: z.string(),
  config: runConfigSchema,
  prepared: refSchema<'prepared'>(),
  model: trainedModelSchema,
  best: epochMetricsSchema,
  history: z.array(epochMetricsSchema),
  parameters: z.int().describe('trainable numbers'),
  /** Of a pruned network: the share of zeros in the kernels that were pruned. */
  sparsity: z.number().optional(),
  environment: z.strictObject({
    tensorflow: z.string(),
    threads: z.int(),
    device: z.string(),
    cpu: z.string(),
    /** What follows is missing in runs of before 0.2.0. */
    instructions: z.string().optional().describe("the widest of the CPU's that were used"),
    node: z.string().optional(),
    drover: z.string().optional(),
    commit: z.string().optional().describe('of the sources, where they are a git checkout'),
    lock: sha256Schema.optional().describe('of package-lock.json'),
    libraries: z.record(z.string(), z.string()).optional(),
  }),
  /** Where the time went, of the process that ended it. */
  seconds: z.strictObject({ training: z.number(), checkpoints: z.number() }).optional(),
});
export type RunResult = z.infer<typeof runResultSchema>;
