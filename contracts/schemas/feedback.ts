import { z } from 'zod';
import { originSchema, sha256Schema } from './documents';

/** What people decide about feedback, and which pictures became part of a dataset by it. */

const labelSchema = z.string().min(1).max(255);

const reviewActions = ['accept', 'correct', 'refuse', 'undo'] as const;

/** One line of `feedback/<model>/decisions.jsonl`, which is only ever added to. */
export const reviewDecisionSchema = z.strictObject({
  /** From 1, without gaps. */
  seq: z.int().min(1),
  /** The picture's SHA-256. */
  item: sha256Schema,
  action: z.enum(reviewActions),
  /** What the picture shows, of `accept` and `correct`. */
  label: labelSchema.optional(),
  by: z.string().min(1).max(128),
  at: z.iso.datetime(),
  note: z.string().max(500).optional(),
});
export type ReviewDecision = z.infer<typeof reviewDecisionSchema>;

/** A picture that a review has made part of a dataset. */
export const additionSchema = z.strictObject({
  path: z.string(),
  label: labelSchema,
  /** Of the picture's bytes, which lie in `blobs/sha256/`. */
  sha256: sha256Schema,
  bytes: z.int().min(1),
  origin: originSchema,
});
export type Addition = z.infer<typeof additionSchema>;

/** `datasets/<name>/additions.json`, moved by compare-and-swap: every ingest of the dataset has these in its training split. */
export const additionsSchema = z.strictObject({ additions: z.array(additionSchema) });
