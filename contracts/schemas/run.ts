import { z } from 'zod';

/** The original project's network: convolution and pooling, repeated, then one dense layer. */
const cnnSchema = z.strictObject({
  name: z.literal('cnn'),
  filters: z.array(z.int().min(1).max(1024)).min(1).max(8).default([32, 64]).describe('one convolution each'),
  kernel: z.int().min(1).max(11).default(3),
  dense: z.int().min(1).max(8192).default(128),
  dropout: z.number().min(0).max(0.95).default(0).describe('share of the dense layer dropped in training'),
});

export const networkSchema = z.discriminatedUnion('name', [cnnSchema]);

export type Network = z.infer<typeof networkSchema>;

/** Random changes to training pictures, drawn anew each epoch. */
export const augmentationSchema = z.strictObject({
  flip: z.boolean().default(true).describe('mirror left to right, half of the time'),
  shift: z.number().min(0).max(0.5).default(0.1).describe('largest move, as a share of the size'),
  brightness: z.number().min(0).max(1).default(0.1).describe('largest change, as a share of full scale'),
});

export type Augmentation = z.infer<typeof augmentationSchema>;

/** One training: `configs/train.yaml`, and what a sweep varies. */
export const runConfigSchema = z.strictObject({
  network: networkSchema.default({ name: 'cnn', filters: [32, 64], kernel: 3, dense: 128, dropout: 0 }),
  epochs: z.int().min(1).max(10_000).default(8),
  batch_size: z.int().min(1).max(65_536).default(32),
  optimizer: z.enum(['adam', 'adamw', 'sgd']).default('adamw'),
  lr: z.number().positive().max(10).default(0.001).describe('learning rate'),
  weight_decay: z.number().min(0).max(1).default(0.01).describe('decoupled; adamw only'),
  momentum: z.number().min(0).max(0.9999).default(0.9).describe('sgd only'),
  augmentation: augmentationSchema.default({ flip: true, shift: 0.1, brightness: 0.1 }),
  best_by: z
    .enum(['validation_loss', 'validation_accuracy'])
    .default('validation_loss')
    .describe('which figure decides what epoch is kept'),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe("TensorFlow's threads; part of what makes bytes repeat"),
  checkpoint_every: z.int().min(1).default(1).describe('epochs between checkpoints'),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** The metrics that every epoch of a run records, by the names that a sweep's `metric` may use. */
export const metricNames = [
  'train_loss',
  'train_accuracy',
  'validation_loss',
  'validation_accuracy',
] as const;
