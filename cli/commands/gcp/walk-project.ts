import { Failure } from '../../../contracts/failures';
import { compose } from '../../../lib/configuration/compose';
import { findDefault } from '../../../lib/configuration/files';
import { plain } from '../../../lib/configuration/tree';
import { createGoogle } from '../../../lib/google-setup/google';
import { planOf } from '../../../lib/google-setup/plan';
import { walk, type Outcome } from '../../../lib/google-setup/walk';
import { googleSetup } from '../../../lib/google-setup/wishes';
import { openStore } from '../../../lib/storage/open-store';
import type { Console } from '../../display/console';
import { outcomeLines } from '../../display/google-setup';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface GcpFlags extends SettingFlags {
  readonly project?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly repository?: string;
  readonly service?: string;
  readonly gpuRegion?: readonly string[];
  readonly name?: string;
  readonly driftImage?: string;
  readonly driftCron?: string;
  readonly driftApiKeySecret?: string;
  readonly json?: boolean;
}

export interface Walk {
  readonly making: boolean;
  /** Whether each row has the same by gcloud below it. */
  readonly commands: boolean;
}

/**
 * The whole plan, item by item, each said as it is known.
 *
 * @throws Failure `configuration-invalid` where it is not known what the project is to have; `cloud-refused`, `cloud-unavailable`
 */
export async function walkProject(
  flags: GcpFlags,
  outside: Outside,
  out: Console,
  { making, commands }: Walk,
): Promise<{ readonly project: string; readonly outcomes: Outcome[] }> {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const places = { project: settings.project, store };
  const read = async (name: string): Promise<unknown> => {
    try {
      return plain(await compose(await findDefault(name, places)));
    } catch (error) {
      // Flags may say all of it.
      if (error instanceof Failure && error.type === 'not-found') return undefined;
      throw error;
    }
  };
  const wishes = googleSetup(
    { ...flags, gpuRegions: flags.gpuRegion },
    {
      ...{ deploy: await read('deploy'), gpuWorkers: await read('gpu-workers'), store: settings.store },
      ...{ model: settings.model, temporal: settings.temporal.development ? undefined : settings.temporal },
    },
  );
  const google = createGoogle(wishes.project, settings.cloudEndpoint);
  const isQuiet = flags.json === true;
  const onItem = ({ what }: { what: string }): void => {
    if (!isQuiet) out.draw([out.colours.dim(`… ${what}`)]);
  };
  const outcomes: Outcome[] = [];
  for await (const outcome of walk(planOf(wishes), google, { making, onItem })) {
    outcomes.push(outcome);
    if (isQuiet) continue;
    for (const line of outcomeLines(outcome, out.colours, { commands })) out.say(line);
  }
  out.settle(false);
  return { project: wishes.project, outcomes };
}
