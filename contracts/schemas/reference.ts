import { z } from 'zod';
import { deployConfigSchema } from './deployment';
import { gpuWorkersConfigSchema } from './gpu-workers';
import { monitorConfigSchema } from './monitor';
import { datasetConfigSchema, pipelineConfigSchema } from './pipeline';
import { runConfigSchema } from './run';
import { environmentSchema } from './settings';
import { sweepConfigSchema } from './sweep';
import { webhooksConfigSchema } from './webhooks';

/** What a user may write, by the file it is written in; `settings`: the environment. */
const written = {
  'pipeline.yaml': pipelineConfigSchema,
  'sweep.yaml': sweepConfigSchema,
  'train.yaml': runConfigSchema,
  'a dataset': datasetConfigSchema,
  'deploy.yaml': deployConfigSchema,
  'monitor.yaml': monitorConfigSchema,
  'webhooks.yaml': webhooksConfigSchema,
  'gpu-workers.yaml': gpuWorkersConfigSchema,
  settings: environmentSchema,
} as const;

export type WrittenName = keyof typeof written;

export const writtenNames = Object.keys(written) as readonly WrittenName[];

/** The JSON Schema (2020-12) of what a user may write, as it is written: with defaults, before they are filled in. */
export function referenceSchema(name: WrittenName): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(written[name], { io: 'input', unrepresentable: 'any', reused: 'inline' });
}
