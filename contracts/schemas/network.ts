import { z } from 'zod';

const dropout = z.number().min(0).max(0.95).default(0);

/** The original project's network: convolution and pooling, repeated, then one dense layer. */
const cnnSchema = z.strictObject({
  name: z.literal('cnn'),
  filters: z.array(z.int().min(1).max(1024)).min(1).max(8).default([32, 64]).describe('one convolution each'),
  kernel: z.int().min(1).max(11).default(3),
  dense: z.int().min(1).max(8192).default(128),
  dropout: dropout.describe('share of the dense layer dropped in training'),
});

/** A small residual network with batch normalisation. */
const resnetSchema = z.strictObject({
  name: z.literal('resnet'),
  filters: z
    .array(z.int().min(1).max(1024))
    .min(1)
    .max(6)
    .default([32, 64, 128])
    .describe('one stage each; every stage after the first halves the picture'),
  blocks: z.int().min(1).max(8).default(2).describe('residual blocks a stage'),
  dropout: dropout.describe('share of the pooled features dropped in training'),
});

/** The upper part of a backbone that learns on, once the head has. */
export const fineTuneSchema = z.strictObject({
  from: z.string().min(1).max(200).describe("the first of the backbone's layers that learns"),
  epochs: z.int().min(1).max(10_000).default(5).describe("after the head's own"),
  lr: z.number().positive().max(10).default(0.0001),
});

/** A network that was trained elsewhere, and a new head for our classes. */
const transferSchema = z.strictObject({
  name: z.literal('transfer'),
  backbone: z
    .string()
    .min(1)
    .max(2000)
    .default('mobilenet_v2_035')
    .describe(
      "a known name, or model.json of a TF.js layers or graph model: https://, store://, a file's path",
    ),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('of the backbone, as `drover backbone` prints it; another one is refused'),
  dense: z
    .int()
    .min(0)
    .max(8192)
    .default(0)
    .describe('neurons between the features and the answer; 0 is none'),
  dropout: dropout.describe('share of the features dropped in training'),
  fine_tune: fineTuneSchema.optional(),
});

export const networkSchema = z.discriminatedUnion('name', [cnnSchema, resnetSchema, transferSchema]);

export type Network = z.infer<typeof networkSchema>;
export type NetworkNamed<Name extends Network['name']> = Extract<Network, { name: Name }>;
