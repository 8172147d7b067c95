import { z } from 'zod';
import { nameSchema } from './name';

/** What the API keeps of its answers, and of what people say about them: lines of `predictions/<day>/*.jsonl`. */

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Classes' names are a dataset's folders, so that they may be anything a folder may be called. */
const labelSchema = z.string().min(1).max(255);

const probabilitiesSchema = z.record(labelSchema, z.number().min(0).max(1));

/** A picture that lies beside its record, in the batch's `.tar`, under its digest. */
export const keptPictureSchema = z.strictObject({
  /** Of the bytes as they are kept. */
  sha256: sha256Schema,
  bytes: z.int().min(1),
  /** Its bytes' own, not what a client said; `bin` where it is none that is known. */
  format: z.string().regex(/^[a-z0-9]{1,8}$/),
});
export type KeptPicture = z.infer<typeof keptPictureSchema>;

/** One answer. */
export const keptPredictionSchema = z.strictObject({
  kind: z.literal('prediction'),
  /** The answer's, a UUID; one that was computed twice, after a thread died, may stand here twice. */
  id: z.uuid(),
  at: z.iso.datetime(),
  model: z.strictObject({ name: z.string(), version: z.int().min(1), digest: sha256Schema }),
  /** The likeliest class. */
  prediction: labelSchema,
  /** Every class, each in [0, 1]. */
  probabilities: probabilitiesSchema,
  /** Missing where only answers are kept. */
  picture: keptPictureSchema.optional(),
  /** The API key's name, where keys are asked for. */
  by: z.string().max(128).optional(),
});
export type KeptPrediction = z.infer<typeof keptPredictionSchema>;

/** What somebody says a picture showed. */
export const keptFeedbackSchema = z.strictObject({
  kind: z.literal('feedback'),
  /** The prediction's. */
  id: z.uuid(),
  at: z.iso.datetime(),
  label: labelSchema,
  by: z.string().max(128).optional(),
  note: z.string().max(500).optional(),
});
export type KeptFeedback = z.infer<typeof keptFeedbackSchema>;

/** The body of `POST /v1/predictions/{id}/feedback`. */
export const feedbackRequestSchema = z.strictObject({
  /** One of the classes that the model knows, or with `new_class` a name of another. */
  label: labelSchema,
  note: z.string().max(500).optional(),
  new_class: z.boolean().optional(),
});
export type FeedbackRequest = z.infer<typeof feedbackRequestSchema>;

/** The name of a class that the model doesn't know: by the rule for every name, as it may become a folder. */
export const newClassSchema = nameSchema;
