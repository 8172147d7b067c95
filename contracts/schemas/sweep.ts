import { z } from 'zod';
import { metricNames, runConfigSchema } from './run';

/**
 * A sweep's configuration: W&B's keys, unchanged, and Drover's own (`seed`, `parallelism`, `train`).
 * `parameters` is read by `lib/search/space.ts`, which knows the distributions.
 */
export const sweepConfigSchema = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  method: z.enum(['random'], {
    error: ({ input }) =>
      input === 'grid' || input === 'bayes' ? `${input} comes later; use method: random` : undefined,
  }),
  metric: z
    .strictObject({
      name: z.enum(metricNames).default('validation_loss'),
      goal: z.enum(['minimize', 'maximize']).default('minimize'),
    })
    .default({ name: 'validation_loss', goal: 'minimize' }),
  parameters: z.record(z.string(), z.unknown()),
  early_terminate: z.never({ error: 'comes later; take it out' }).optional(),
  run_cap: z.int().min(1).max(1_000).default(10),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  parallelism: z.int().min(1).max(500).default(2).describe('trials under way at once'),
  train: runConfigSchema.prefault({}).describe('what every trial starts from'),
});

export type SweepConfig = z.infer<typeof sweepConfigSchema>;
