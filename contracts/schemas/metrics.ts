import { z } from 'zod';

/** Lines of a run's metrics: `runs/<run>/metrics/<step>.jsonl` in parts, `runs/<run>/metrics.jsonl` joined. */

/** What is no number (a gradient that overflowed) is null in the file, as JSON has nothing else for it. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
/** Milliseconds since 1970. */
const at = z.number();

export const stepLineSchema = z.strictObject({
  kind: z.literal('step'),
  /** From 1, over the whole run; the figures are of the steps since the line before. */
  step: z.int().min(1),
  epoch: z.int().min(1),
  loss: figure,
  accuracy: figure,
  lr: figure,
  gradient_norm: figure,
  pictures_per_second: figure,
  at,
});
export type StepLine = z.infer<typeof stepLineSchema>;

export const epochLineSchema = z.strictObject({
  kind: z.literal('epoch'),
  /** The newest step that was told of when the epoch ended. */
  step: z.int().min(0),
  epoch: z.int().min(1),
  train_loss: figure,
  train_accuracy: figure,
  validation_loss: figure,
  validation_accuracy: figure,
  seconds: figure,
  at,
});
export type EpochLine = z.infer<typeof epochLineSchema>;

export const metricsLineSchema = z.discriminatedUnion('kind', [stepLineSchema, epochLineSchema]);
export type MetricsLine = z.infer<typeof metricsLineSchema>;

/** The first line of a part: it holds what came after step `from`, up to the checkpoint at step `to`. */
export const partLineSchema = z.strictObject({
  kind: z.literal('part'),
  from: z.int().min(0),
  to: z.int().min(0),
});

export const partLinesSchema = z.discriminatedUnion('kind', [
  partLineSchema,
  stepLineSchema,
  epochLineSchema,
]);
