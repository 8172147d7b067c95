import { z } from 'zod';
import { metricNames, runConfigSchema } from './run';

/**
 * A sweep's configuration: W&B's keys, unchanged, and Drover's own (`seed`, `parallelism`, `train`).
 * `parameters` is read by `lib/search/space.ts`, which knows the distributions.
 */
export const sweepConfigSchema = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  method: z.enum(['random', 'grid', 'bayes', 'tpe']),
  metric: z
    .strictObject({
      name: z.enum(metricNames).default('validation_loss'),
      goal: z.enum(['minimize', 'maximize']).default('minimize'),
      target: z.number().optional().describe('the sweep begins no more trials once one has reached it'),
    })
    .default({ name: 'validation_loss', goal: 'minimize' }),
  parameters: z.record(z.string(), z.unknown()),
  early_terminate: z.never({ error: 'comes later; take it out' }).optional(),
  run_cap: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('trials in all; 10 where it is left out, and all of a grid'),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  parallelism: z.int().min(1).max(500).default(2).describe('trials under way at once'),
  failures: z.int().min(0).optional().describe('failed trials that are borne; one more, and the sweep fails'),
  enqueue: z
    .array(z.record(z.string(), z.unknown()))
    .max(1_000)
    .optional()
    .describe('parameters of trials that come before any that is searched'),
  train: runConfigSchema.prefault({}).describe('what every trial starts from'),
});

export type SweepConfig = z.infer<typeof sweepConfigSchema>;
