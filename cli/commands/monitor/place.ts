import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MonitorInput } from '../../../contracts/monitor';
import type { MonitorConfig } from '../../../contracts/schemas/monitor';
import { resolveConfiguration } from '../../../lib/configuration/resolve';
import type { Outside } from '../../settings';
import { readTyped } from '../../start-input';
import { type JsonFlags, type ModelPlace, openModels } from '../models/place';

export interface MonitorFlags extends JsonFlags {
  readonly model?: string;
}

/** The model that a command is about: as the flag has it, else the one that is served. */
export async function openMonitored(
  flags: MonitorFlags,
  outside: Outside,
): Promise<ModelPlace & { readonly model: string }> {
  const place = openModels(flags, outside);
  return { ...place, model: flags.model ?? (await place.defaultName()) };
}

/**
 * What a look is started with, checked before anything is: a wrong configuration is said at once, and not in a log tomorrow.
 *
 * @param words - a monitor's configuration at most, and `key=value` changes
 * @throws Failure `configuration-invalid` with every problem and its line; `not-found`; `start-refused`
 */
export async function readMonitor(
  words: readonly string[],
  flags: MonitorFlags,
  outside: Outside,
): Promise<
  ModelPlace & { readonly model: string; readonly input: MonitorInput; readonly config: MonitorConfig }
> {
  const place = openModels(flags, outside);
  const { config: file, overrides } = readTyped(words);
  const { config } = await resolveConfiguration(
    'monitor',
    file === undefined && overrides.length === 0 ? undefined : { config: file, overrides },
    {
      project: place.settings.project,
      store: place.store,
      defaultConfigs: join(dirname(dirname(await realpath(outside.program))), 'configs'),
    },
  );
  const model = flags.model ?? config.model ?? (await place.defaultName());
  return {
    ...place,
    ...{ model, config },
    input: {
      ...(file !== undefined && { config: file }),
      // Said here, so that a worker with another configuration of its pipeline looks at the same model.
      overrides: [...overrides.filter((each) => !each.startsWith('model=')), `model=${model}`],
    },
  };
}
