import { z } from 'zod';
import { refSchema } from './documents';
import { sweepConfigSchema } from './sweep';

export const trialStates = ['running', 'paused', 'finished', 'stopped', 'failed'] as const;
export type TrialState = (typeof trialStates)[number];

/** What became of one trial. Times are milliseconds since 1970. */
export const trialRecordSchema = z.strictObject({
  /** Counted from 1. */
  trial: z.int().min(1),
  /** Only those that the sweep varies, by their dotted names. */
  parameters: z.record(z.string(), z.unknown()),
  /** `paused`: at a rung, from which ASHA may promote it. */
  state: z.enum(trialStates),
  /** The sweep's metric of the best epoch so far. */
  metric: z.number().optional(),
  /** The name of its run, from which its report and model are found. */
  run: z.string().optional(),
  failure: z.string().optional(),
  /** Of one that was stopped or waits: by whom, or by which rule. */
  why: z.string().optional(),
  /** Of one that was stopped; where it is missing, `early_terminate` is taken to have done it, if the sweep has that. */
  stoppedBy: z.enum(['rule', 'hand']).optional(),
  began: z.int(),
  ended: z.int().optional(),
  /** Epochs that it was to have; those that it had by then. */
  planned: z.int().min(1).optional(),
  epochs: z.int().min(0).optional(),
  /** Of training and validation, all epochs together. */
  seconds: z.number().min(0).optional(),
  /** The metric at each of ASHA's rungs that it has reached, the lowest first. */
  rungs: z.array(z.number().nullable()).readonly().optional(),
  /** The metric after epoch 1, 2, and so on; missing of what was made before 0.2.0, and of one that waits for its first rung. */
  values: z.array(z.number()).readonly().optional(),
});
export type TrialRecord = z.infer<typeof trialRecordSchema>;

/** A sweep's record: what it was, and its trials in the order in which they were begun. */
export const sweepRecordSchema = z.strictObject({
  /** Its workflow id. */
  sweep: z.string().min(1),
  config: sweepConfigSchema,
  prepared: refSchema<'prepared'>(),
  /** What is to be looked at in its configuration. */
  warnings: z.array(z.string()).readonly().optional(),
  began: z.int(),
  /** Missing while it runs. */
  ended: z.int().optional(),
  trials: z.array(trialRecordSchema),
});
export type SweepRecord = z.infer<typeof sweepRecordSchema>;

/** The answer to the query `record`: as many trials, from where it was asked to begin, as a message holds. */
export const sweepRecordPartSchema = sweepRecordSchema.extend({
  /** Trials that there are. */
  of: z.int().min(0),
  /** Where the next part begins; missing in the last one. */
  next: z.int().min(1).optional(),
});
export type SweepRecordPart = z.infer<typeof sweepRecordPartSchema>;

/** `sweeps/<sweep>/sweep.json`, written after the trials that it counts. */
export const sweepHeadSchema = sweepRecordSchema.omit({ trials: true }).extend({ trials: z.int().min(0) });
export type SweepHead = z.infer<typeof sweepHeadSchema>;
