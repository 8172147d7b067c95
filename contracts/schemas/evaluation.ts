import { z } from 'zod';
import { refSchema, sha256Schema, splitNames } from './documents';

/**
 * A figure, or null where it is undefined for these pictures (nothing to divide by) or was not measured. What evaluations of
 * before 0.2.0 lack is null as well, so that they are read as they are.
 */
const figure = z.number().nullable();
const later = figure.default(null);

/** Lower and upper bound. */
export const intervalSchema = z.tuple([z.number(), z.number()]);
export type Interval = z.infer<typeof intervalSchema>;

/** An average over the classes that occur among the truths or the answers; one without answers has precision 0 in it. */
const averageSchema = z.strictObject({ precision: figure, recall: figure, f1: figure });
export type AverageFigures = z.infer<typeof averageSchema>;

const averageLater = averageSchema.default({ precision: null, recall: null, f1: null });

export const reliabilityBinSchema = z.strictObject({
  /** Confidences above `low` and up to `high`. */
  low: z.number(),
  high: z.number(),
  pictures: z.int(),
  /** The mean of the answers' probabilities; null where the bin is empty, as the next. */
  confidence: figure,
  /** The share of right answers. */
  accuracy: figure,
});
export type ReliabilityBin = z.infer<typeof reliabilityBinSchema>;

export const calibrationSchema = z.strictObject({
  /** Expected calibration error of the answer's probability, over the bins. */
  ece: figure,
  /** Of equal width over [0, 1]; Guo et al., 2017. */
  bins: z.array(reliabilityBinSchema),
  /** By which logits would be divided, fitted on the validation split; null where its pictures don't determine one. */
  temperature: later,
  /** With that temperature, on the split that is judged. */
  eceAfter: later,
  nllAfter: later,
});
export type Calibration = z.infer<typeof calibrationSchema>;

export const sliceKinds = ['class', 'source', 'size', 'brightness'] as const;

export const sliceSchema = z.strictObject({
  by: z.enum(sliceKinds),
  name: z.string(),
  pictures: z.int(),
  accuracy: figure,
  /** 95 % Wilson score interval. */
  interval: intervalSchema,
  /** Of the quantity that the slice is cut by, where that is a number: pixels, or mean luminance of 0 to 255. */
  range: intervalSchema.optional(),
  /** Whose size or brightness that is: the picture's as it came, or, where nobody recorded that, as it is prepared. */
  of: z.enum(['original', 'prepared']).optional(),
});
export type Slice = z.infer<typeof sliceSchema>;

export const corruptionKinds = ['blur', 'noise', 'jpeg', 'brightness', 'rotation'] as const;
export type CorruptionKind = (typeof corruptionKinds)[number];

export const robustnessSchema = z.strictObject({
  kind: z.enum(corruptionKinds),
  /** 1 to 5. */
  strength: z.int().min(1).max(5),
  /** How many pictures were changed so and answered: all, or the first of them in a seeded order. */
  pictures: z.int(),
  accuracy: figure,
});
export type Robustness = z.infer<typeof robustnessSchema>;

/** A model's figures on the test split of one prepared set. Every number is finite. */
export const evaluationSchema = z.strictObject({
  model: refSchema<'onnx'>(),
  prepared: refSchema<'prepared'>(),
  /** The dataset version: figures are comparable where it and the split are the same. */
  manifest: refSchema<'manifest'>(),
  split: z.enum(splitNames),
  pictures: z.int(),
  /** Mean −ln of the true class's probability. */
  loss: z.number(),
  accuracy: z.number(),
  /** 95 % Wilson score interval of the accuracy. */
  accuracyInterval: intervalSchema,
  /** The accuracy of always answering the commonest class. */
  baseline: z.number(),
  /** Mean squared distance of the probabilities from the truth, summed over the classes: in [0, 2] (Brier, 1950). */
  brier: later,
  /** By k: the share of pictures whose class is among the k likeliest answers. */
  topK: z.record(z.string().regex(/^\d+$/), z.number()).default({}),
  macro: averageLater,
  /** Weighted by the pictures of each class. */
  weighted: averageLater,
  /** The mean of the classes' own (one against the rest), of those that have one. */
  rocAuc: later,
  perClass: z.array(
    z.strictObject({
      class: z.string(),
      pictures: z.int(),
      /** null where the model never answered this class. */
      precision: figure,
      /** null where no picture is of this class. */
      recall: figure,
      /** null where no picture is of this class and none was answered so. */
      f1: later,
      /** Of this class's probability against the rest; null where either side has no picture. */
      rocAuc: later,
    }),
  ),
  /** `confusion[truth][answer]`, counts. */
  confusion: z.array(z.array(z.int())),
  calibration: calibrationSchema.nullable().default(null),
  /** 95 % percentile intervals of 1,000 bootstrap draws, by the names of {@link evaluationMetrics}. */
  intervals: z.record(z.string(), intervalSchema).default({}),
  slices: z.array(sliceSchema).default([]),
  /** Empty where it was not asked for. */
  robustness: z.array(robustnessSchema).default([]),
  /** Of one picture, already decoded, by one thread on the machine that evaluated. */
  latencyMs: z.strictObject({ median: z.number(), p95: z.number() }).nullable().default(null),
  /** Of the served form. */
  bytes: z.int().nullable().default(null),
  /** {@link predictionSchema}, a line a picture, in the prepared set's order. */
  predictions: refSchema<'predictions'>().nullable().default(null),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** One line of an evaluation's `predictions.jsonl`. */
export const predictionSchema = z.strictObject({
  picture: sha256Schema,
  /** Index into the model's classes, whose order `perClass` has too. */
  truth: z.int().min(0),
  /** Of the model's classes. */
  probabilities: z.array(z.number()),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** The names by which a gate or a person asks for one of an evaluation's figures; see `lib/evaluation/metric-of.ts`. */
export const evaluationMetrics = [
  'accuracy',
  'loss',
  'brier',
  'top_2',
  'top_3',
  'top_5',
  'macro_precision',
  'macro_recall',
  'macro_f1',
  'weighted_precision',
  'weighted_recall',
  'weighted_f1',
  'roc_auc',
  'ece',
  'ece_after',
  'nll_after',
  'latency_ms',
  'latency_p95_ms',
  'bytes',
] as const;
export type EvaluationMetric = (typeof evaluationMetrics)[number];

/** Those that a class has of its own. */
export const classMetrics = ['precision', 'recall', 'f1', 'roc_auc'] as const;
export type ClassMetric = (typeof classMetrics)[number];
