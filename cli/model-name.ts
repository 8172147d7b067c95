import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { nameSchema } from '../contracts/schemas/pipeline';
import type { Settings } from '../contracts/schemas/settings';
import type { Environment } from './settings';

/**
 * The model that a command is about: the override `name=…`, else DROVER_MODEL, else the `name` in
 * `configs/pipeline.yaml`, else the default. A wrong file is left to the pipeline, which says what is wrong.
 */
export async function modelName(
  settings: Settings,
  environment: Environment,
  overrides: readonly string[] = [],
): Promise<string> {
  const override = overrides.findLast((each) => each.startsWith('name='))?.slice('name='.length);
  if (override !== undefined) return override;
  if (environment['DROVER_MODEL']) return settings.model;
  return (await configuredName(settings)) ?? settings.model;
}

/** The change that makes a pipeline train the model of this name, where its configuration names another. */
export async function nameChange(
  settings: Settings,
  model: string,
  overrides: readonly string[],
): Promise<string[]> {
  if (overrides.some((each) => each.startsWith('name='))) return [];
  return ((await configuredName(settings)) ?? 'animals') === model ? [] : [`name=${model}`];
}

async function configuredName(settings: Settings): Promise<string | undefined> {
  try {
    const config: unknown = parse(await readFile(join(settings.project, 'configs', 'pipeline.yaml'), 'utf8'));
    if (typeof config === 'object' && config !== null && 'name' in config)
      return nameSchema.parse(config.name);
  } catch {
    // No file, or one that the pipeline will refuse.
  }
  return undefined;
}
