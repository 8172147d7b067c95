import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** What Keras, TensorFlow and PyTorch computed; tests/fixtures/keras/README.md says of what, and how. */

const tensorSchema = z
  .object({ shape: z.array(z.int().min(0)), values: z.array(z.number()) })
  .refine(({ shape, values }) => shape.reduce((product, length) => product * length, 1) === values.length, {
    error: 'a tensor has as many values as its shape says',
  })
  .transform(({ shape, values }) => ({ shape, values: Float32Array.from(values) }));

/** Row-major, the last axis fastest; whole numbers are in the same `Float32Array`, exactly. */
export type KerasTensor = z.infer<typeof tensorSchema>;

const tensorsSchema = z.record(z.string(), tensorSchema);
const pairSchema = z.tuple([z.int(), z.int()]);
const paddingSchema = z.enum(['same', 'valid']);
const activationSchema = z.enum(['linear', 'relu', 'relu6']);

const numbersOf = {
  name: z.string(),
  inputs: tensorsSchema,
  /** What each number of the output counts in the loss whose gradients these are. */
  factors: tensorSchema,
  output: tensorSchema,
  gradients: tensorsSchema,
};
const windowSchema = z.object({ strides: pairSchema, padding: paddingSchema });
const poolSchema = windowSchema.extend({ size: pairSchema });
const activatedSchema = z.object({ activation: activationSchema });
const noSettingsSchema = z.strictObject({});

const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ ...numbersOf, op: z.literal('conv2d'), settings: windowSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('depthwise_conv2d'), settings: windowSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('bias_activation'), settings: activatedSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('activation'), settings: activatedSchema }),
  z.strictObject({
    ...numbersOf,
    op: z.literal('batch_norm'),
    settings: z.object({ training: z.boolean(), momentum: z.number(), epsilon: z.number() }),
    after: tensorsSchema,
  }),
  z.strictObject({ ...numbersOf, op: z.literal('max_pool'), settings: poolSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('average_pool'), settings: poolSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('global_average_pool'), settings: noSettingsSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('dense'), settings: activatedSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('add'), settings: noSettingsSchema }),
  z.strictObject({ ...numbersOf, op: z.literal('concat'), settings: z.object({ axis: z.int() }) }),
  z.strictObject({
    ...numbersOf,
    op: z.literal('zero_padding'),
    settings: z.object({ padding: z.tuple([pairSchema, pairSchema]) }),
  }),
  z.strictObject({ ...numbersOf, op: z.literal('softmax'), settings: noSettingsSchema }),
]);
export type KerasOperation = z.infer<typeof operationSchema>;

const lossSchema = z.strictObject({
  name: z.string(),
  smoothing: z.number(),
  logits: tensorSchema,
  labels: tensorSchema.optional(),
  rows: tensorSchema.optional(),
  sample_weights: tensorSchema.optional(),
  losses: tensorSchema,
  mean: z.number(),
  gradient: tensorSchema,
});
export type KerasLoss = z.infer<typeof lossSchema>;

const adamSchema = z.object({ lr: z.number(), beta1: z.number(), beta2: z.number(), epsilon: z.number() });

const optimizerSchema = z.strictObject({
  name: z.string(),
  settings: z.discriminatedUnion('name', [
    z.object({ name: z.literal('sgd'), lr: z.number(), momentum: z.number() }),
    adamSchema.extend({ name: z.literal('adam') }),
    adamSchema.extend({ name: z.literal('adamw'), weight_decay: z.number() }),
  ]),
  initial: tensorsSchema,
  gradients: z.array(tensorsSchema),
  values: z.array(tensorsSchema),
});
export type KerasOptimizer = z.infer<typeof optimizerSchema>;

const averageSchema = z.strictObject({
  name: z.string(),
  settings: z.object({ decay: z.number(), warm: z.boolean() }),
  initial: tensorSchema,
  values: z.array(tensorSchema),
  averages: z.array(tensorSchema),
});
export type KerasAverage = z.infer<typeof averageSchema>;

const clippingSchema = z.strictObject({
  name: z.string(),
  settings: z.object({ clip_norm: z.number() }),
  gradients: tensorsSchema,
  norm: z.number(),
  clipped: tensorsSchema,
});
export type KerasClipping = z.infer<typeof clippingSchema>;

const lrSchema = z.object({ lr: z.number() });

const scheduleSchema = z.strictObject({
  name: z.string(),
  settings: z.discriminatedUnion('name', [
    lrSchema.extend({ name: z.literal('cosine'), final: z.number() }),
    lrSchema.extend({ name: z.literal('step'), every_steps: z.int(), factor: z.number() }),
    lrSchema.extend({
      name: z.literal('one_cycle'),
      start: z.number(),
      peak: z.number(),
      final: z.number(),
    }),
  ]),
  steps: z.int(),
  rates: z.array(z.number()),
});
export type KerasSchedule = z.infer<typeof scheduleSchema>;

const trainedSchema = adamSchema.extend({
  weight_decay: z.number(),
  classes: z.int(),
  normalisation: z.object({ mean: z.number(), std: z.number() }),
});
const trainingOf = {
  initial: tensorsSchema,
  trainable: z.array(z.string()),
  batches: z.array(z.object({ images: tensorSchema, labels: tensorSchema })),
  losses: z.array(z.number()),
  final: tensorsSchema,
  moving_variance_of_sample: tensorsSchema,
  answers: tensorSchema,
  apart_from_float64: z.object({ weights: z.number(), losses: z.number() }),
};

const networkSchema = z.discriminatedUnion('name', [
  z.strictObject({
    ...trainingOf,
    name: z.literal('cnn'),
    settings: trainedSchema.extend({ filters: z.array(z.int()), kernel: z.int(), dense: z.int() }),
  }),
  z.strictObject({
    ...trainingOf,
    name: z.literal('resnet'),
    settings: trainedSchema.extend({
      filters: z.array(z.int()),
      blocks: z.int(),
      momentum: z.number(),
      norm_epsilon: z.number(),
    }),
  }),
]);
export type KerasNetwork = z.infer<typeof networkSchema>;

const fixturesSchema = z.strictObject({
  versions: z.record(z.string(), z.string()),
  operations: z.array(operationSchema),
  losses: z.array(lossSchema),
  optimizers: z.array(optimizerSchema),
  averages: z.array(averageSchema),
  clipping: z.array(clippingSchema),
  schedules: z.array(scheduleSchema),
  networks: z.array(networkSchema),
});
export type KerasFixtures = z.infer<typeof fixturesSchema>;

/** @throws ZodError where the file is not as README.md describes it. */
export function readKerasFixtures(): KerasFixtures {
  const file = path.join(__dirname, '..', 'fixtures', 'keras', 'keras.json');
  return fixturesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** A tensor of a record, which a case must have. */
export function tensorOf(tensors: Readonly<Record<string, KerasTensor>>, name: string): KerasTensor {
  const found = tensors[name];
  if (found === undefined)
    throw new Error(`The case has no tensor ${name}, only ${Object.keys(tensors).join(', ')}`);
  return found;
}
