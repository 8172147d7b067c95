import { z } from 'zod';
import { earlyTerminateSchema } from './early-terminate';
import { metricNames, runConfigSchema } from './run';

/** What stands for a trial's metric where it has none. */
export const imputations = ['worst', 'best', 'latest'] as const;

/**
 * A sweep's configuration: W&B's keys, unchanged, and Drover's own (`seed`, `vary_seed`, `parallelism`, `failures`, `enqueue`,
 * `warm_start`, `train`). `parameters` is read by `lib/search/space.ts`, which knows the distributions.
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
      impute: z
        .enum(imputations)
        .optional()
        .describe("W&B's; a failed trial counts as the worst, whatever it says"),
    })
    .default({ name: 'validation_loss', goal: 'minimize' }),
  parameters: z.record(z.string(), z.unknown()),
  early_terminate: earlyTerminateSchema.optional(),
  run_cap: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('trials in all; 10 where it is left out, and all of a grid'),
  seed: z.int().min(0).max(2_147_483_647).default(1),
  vary_seed: z
    .boolean()
    .default(false)
    .describe("true: each trial trains with a seed of its own; false: all with train's"),
  parallelism: z
    .union([z.int().min(1).max(500), z.literal('auto')], {
      error: 'expected a whole number from 1 to 500, or auto',
    })
    .default('auto')
    .describe('trials under way at once; auto: as many as the workers have gpu slots'),
  failures: z.int().min(0).optional().describe('failed trials that are borne; one more, and the sweep fails'),
  enqueue: z
    .array(z.record(z.string(), z.unknown()))
    .max(1_000)
    .optional()
    .describe('parameters of trials that come before any that is searched'),
  warm_start: z
    .array(z.string().min(1).max(1_000))
    .min(1)
    .max(100)
    .refine((ids) => new Set(ids).size === ids.length, 'names a sweep twice')
    .optional()
    .describe("workflow ids of earlier sweeps, whose trials this one's search learns from"),
  train: runConfigSchema.prefault({}).describe('what every trial starts from'),
});

export type SweepConfig = z.infer<typeof sweepConfigSchema>;
