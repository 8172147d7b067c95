import { z } from 'zod';
import { networkSchema } from './network';

const share = z.number().min(0).max(1);

/** Random changes to training pictures, drawn anew each epoch; none of them turns a picture upside down. */
export const augmentationSchema = z.strictObject({
  flip: z.boolean().default(true).describe('mirror left to right, half of the time'),
  shift: z.number().min(0).max(0.5).default(0.1).describe('largest move, as a share of the size'),
  rotation: z.number().min(0).max(180).default(0).describe('largest turn either way, in degrees'),
  crop: z.number().min(0).max(0.9).default(0).describe('largest part of the area cut off before resizing'),
  brightness: share.default(0.1).describe('largest change, as a share of full scale'),
  contrast: share.default(0).describe('largest change, as a share'),
  saturation: share.default(0).describe('largest change, as a share; colour pictures only'),
  hue: z.number().min(0).max(180).default(0).describe('largest turn of the colours, in degrees'),
  erase: share.default(0).describe('chance that a rectangle of the picture is greyed out'),
  mixup: z.number().min(0).max(10).default(0).describe('alpha of mixup; 0 is none'),
  cutmix: z.number().min(0).max(10).default(0).describe('alpha of CutMix; with mixup, one of both a batch'),
});

export type Augmentation = z.infer<typeof augmentationSchema>;

const warmup = z.number().min(0).max(1000).default(0).describe('epochs of linear rise from 0 at the start');

/** How the learning rate goes over the run; every figure relative to `lr`. */
export const scheduleSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant'), warmup }),
  z.strictObject({
    name: z.literal('step'),
    warmup,
    every: z.number().positive().max(10_000).default(10).describe('epochs'),
    factor: z.number().positive().max(1).default(0.1),
  }),
  z.strictObject({
    name: z.literal('cosine'),
    warmup,
    final: share.default(0).describe('share of lr at the end'),
  }),
  z.strictObject({
    name: z.literal('one_cycle'),
    start: share.default(0.04).describe('share of lr at the start'),
    peak: share.default(0.3).describe('share of the run at which lr is reached'),
    final: share.default(0.0001).describe('share of lr at the end'),
  }),
]);

export type Schedule = z.infer<typeof scheduleSchema>;

export const precisions = ['float32', 'tf32', 'mixed_bfloat16', 'mixed_float16'] as const;
export type Precision = (typeof precisions)[number];

/** `30s`, `200 steps`, `2 epochs`; a bare number is epochs. */
const checkpointEverySchema = z.union(
  [z.int().min(1), z.string().regex(/^[1-9]\d{0,6} ?(s|steps?|epochs?)$/)],
  { error: 'expected seconds, steps or epochs, such as 30s, 200 steps or 2 epochs' },
);

/** The smallest weights of each kernel become 0, more and more of them, and stay so. */
export const pruningSchema = z
  .strictObject({
    sparsity: z.number().positive().max(0.99).describe('share of the weights of each kernel'),
    start: share.default(0.2).describe('share of the run at which the first go'),
    end: share.default(0.7).describe('share of the run by which all have gone'),
  })
  .refine(({ start, end }) => start < end, { path: ['end'], message: 'should be after start' });
export type Pruning = z.infer<typeof pruningSchema>;

/** One training: `configs/train.yaml`, and what a sweep varies. */
export const runConfigSchema = z.strictObject({
  network: networkSchema.default({ name: 'cnn', filters: [32, 64], kernel: 3, dense: 128, dropout: 0 }),
  epochs: z.int().min(1).max(10_000).default(8),
  batch_size: z.int().min(1).max(65_536).default(32).describe('pictures that one step learns from'),
  micro_batch: z
    .int()
    .min(1)
    .max(65_536)
    .optional()
    .describe('pictures at once: a step adds up the gradients of several; less memory'),
  optimizer: z.enum(['adam', 'adamw', 'sgd']).default('adamw'),
  lr: z.number().positive().max(10).default(0.001).describe('learning rate'),
  schedule: scheduleSchema.default({ name: 'constant', warmup: 0 }),
  weight_decay: z.number().min(0).max(1).default(0.01).describe('decoupled; adamw only'),
  momentum: z.number().min(0).max(0.9999).default(0.9).describe('sgd only'),
  label_smoothing: z.number().min(0).max(0.9).default(0),
  class_weights: z
    .union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().positive().max(1000))])
    .default('none')
    .describe('balanced gives every class the same say; or a number a class'),
  clip_norm: z
    .number()
    .positive()
    .optional()
    .describe('longest the gradient may be, all of it taken together'),
  ema: z.number().min(0).max(0.99999).default(0).describe("decay of the weights' running mean; 0 is none"),
  pruning: pruningSchema.optional(),
  average_flip: z
    .boolean()
    .default(false)
    .describe('answer with the mean over the picture and its mirror image: twice the time; not for letters'),
  augmentation: augmentationSchema.prefault({}),
  early_stopping: z
    .strictObject({
      patience: z.int().min(1).max(10_000).describe('epochs without a better one'),
      min_delta: z.number().min(0).default(0).describe('what counts as better, of best_by'),
    })
    .optional(),
  best_by: z
    .enum(['validation_loss', 'validation_accuracy'])
    .default('validation_loss')
    .describe('which figure decides what epoch is kept'),
  precision: z.enum(precisions).default('float32'),
  devices: z.int().min(1).max(64).default(1).describe('processes, each with its GPU, that share every step'),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe("TensorFlow's threads; part of what makes bytes repeat"),
  checkpoint_every: checkpointEverySchema.default('30s').describe('30s, 200 steps or 2 epochs'),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** The metrics that every epoch of a run records, by the names that a sweep's `metric` may use. */
export const metricNames = [
  'train_loss',
  'train_accuracy',
  'validation_loss',
  'validation_accuracy',
] as const;
