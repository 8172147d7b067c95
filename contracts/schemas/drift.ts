import { z } from 'zod';
import { intervalSchema } from './evaluation';

/** Sides of a picture as numbers, of each picture one. */
export const pictureStatistics = [
  'brightness',
  'contrast',
  'sharpness',
  'size',
  'saturation',
  'warmth',
] as const;
export type PictureStatistic = (typeof pictureStatistics)[number];

/** What can be compared, by what it looks at; each group is given the same part of the false alarms. */
export const driftGroups = {
  embeddings: ['mmd', 'domain-classifier'],
  pictures: pictureStatistics,
  predictions: ['classes', 'class-probabilities'],
  confidence: ['confidence'],
  foreign: ['foreign-share'],
  feedback: ['accuracy', 'calibration'],
} as const;
export type DriftGroup = keyof typeof driftGroups;

export const driftGroupNames = [
  'embeddings',
  'pictures',
  'predictions',
  'confidence',
  'foreign',
  'feedback',
] as const;

export const driftCheckIds = [
  ...driftGroups.embeddings,
  ...driftGroups.pictures,
  ...driftGroups.predictions,
  ...driftGroups.confidence,
  ...driftGroups.foreign,
  ...driftGroups.feedback,
] as const;
export type DriftCheckId = (typeof driftCheckIds)[number];

/** `drift:` of `configs/monitor.yaml`: how a window is compared with the reference. */
export const driftSettingsSchema = z.strictObject({
  false_alarm: z
    .number()
    .min(0.001)
    .max(0.2)
    .default(0.02)
    .describe('share of windows without drift that may be called drift, all checks of a window together'),
  least: z
    .int()
    .min(20)
    .max(20_000)
    .default(100)
    .describe('pictures that window and reference need each; of fewer nothing is said'),
  least_labelled: z
    .int()
    .min(20)
    .max(20_000)
    .default(50)
    .describe('pictures with a known class that accuracy and calibration need, on either side'),
  checks: z
    .array(z.enum(driftGroupNames))
    .min(1)
    .max(driftGroupNames.length)
    .refine((names) => new Set(names).size === names.length, 'expected each name once')
    .default([...driftGroupNames])
    .describe('what is compared'),
  // Who tells us what is true tells of mistakes: among such labels a healthy model looks worse than in its reference.
  feedback: z
    .enum(['shown', 'judged'])
    .default('shown')
    .describe(
      'whether accuracy and calibration may say drift: only where labels are of pictures that were drawn at random',
    ),
  permutations: z
    .int()
    .min(199)
    .max(20_000)
    .default(1999)
    .describe(
      'for p values by permutation; more are taken where false_alarm could not be reached with so many',
    ),
  most_embeddings: z
    .int()
    .min(50)
    .max(4000)
    .default(1000)
    .describe('pictures of each side that the checks of embeddings take; of more, so many are drawn'),
  foreign: z
    .number()
    .min(0.001)
    .max(0.2)
    .default(0.05)
    .describe(
      'share of the reference that is called foreign; what a window without drift is expected to have',
    ),
  seed: z.int().min(0).default(1).describe('of draws and permutations'),
});
export type DriftSettings = z.infer<typeof driftSettingsSchema>;

/** `too-few`: there are too few pictures to tell, which says nothing of drift. */
export const driftVerdicts = ['quiet', 'drift', 'too-few'] as const;

/** `shown`: a figure that people should see, and that says nothing of drift by itself. */
export const driftCheckVerdicts = [...driftVerdicts, 'shown'] as const;
export type DriftCheckVerdict = (typeof driftCheckVerdicts)[number];

const countsSchema = z.strictObject({ reference: z.int().min(0), window: z.int().min(0) });

/** One row: what one check found. */
export const driftCheckSchema = z.strictObject({
  id: z.enum(driftCheckIds),
  kind: z.enum(driftGroupNames),
  /** For people. */
  name: z.string(),
  verdict: z.enum(driftCheckVerdicts),
  /** What `statistic` is, as 'MMD²' or 'AUC'. */
  measure: z.string(),
  /** Null where too few pictures were there, as the next four. */
  statistic: z.number().nullable(),
  /** Where the statistic has one, 95 %. */
  interval: intervalSchema.nullable(),
  /** Of this check alone: how often a window without drift gives as much. */
  p: z.number().min(0).max(1).nullable(),
  /** Corrected for all checks of the window (Holm): drift where it is at most `false_alarm`. Null, as the next one, of what is only shown. */
  adjusted: z.number().min(0).max(1).nullable(),
  /** The p at which this check alone would have called drift, whatever the others say. */
  threshold: z.number().min(0).max(1).nullable(),
  /** How large the difference is, whatever the number of pictures: 'PSI', 'difference of shares'. */
  effect: z.strictObject({ measure: z.string(), value: z.number() }).nullable(),
  /** Pictures compared. */
  counts: countsSchema,
  /** Where there were too few: how many each side needs. */
  needed: z.int().min(1).nullable(),
  /** In a sentence, for people. */
  why: z.string(),
});
export type DriftCheck = z.infer<typeof driftCheckSchema>;

/** What the comparison of a window with the reference found. */
export const driftFindingsSchema = z.strictObject({
  /** `drift` where any check says so, `too-few` where the whole window was too small. */
  verdict: z.enum(driftVerdicts),
  /** In a sentence, for people. */
  reason: z.string(),
  /** Nominal, of the whole window. */
  falseAlarm: z.number(),
  counts: countsSchema,
  /** Where the window or the reference was too small: how many each side needs. */
  needed: z.int().min(1).nullable(),
  permutations: z.int().min(0),
  seed: z.int().min(0),
  /** In the order of `driftCheckIds`; empty where the window was too small. */
  checks: z.array(driftCheckSchema),
});
export type DriftFindings = z.infer<typeof driftFindingsSchema>;
