import { Failure } from '../../../contracts/failures';
import { compose } from '../../../lib/configuration/compose';
import { plain } from '../../../lib/configuration/tree';
import { findDefault } from '../../../lib/configuration/files';
import { createGoogle, type Google } from '../../../lib/google-setup/google';
import { planOf, type Item } from '../../../lib/google-setup/plan';
import { googleSetup } from '../../../lib/google-setup/wishes';
import { openStore } from '../../../lib/storage/open-store';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface GcpFlags extends SettingFlags {
  readonly project?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly repository?: string;
  readonly service?: string;
  readonly gpuRegion?: readonly string[];
  readonly name?: string;
  readonly json?: boolean;
}

/** @throws Failure `configuration-invalid` where it is not known what the project is to have */
export async function openProject(
  flags: GcpFlags,
  outside: Outside,
): Promise<{ readonly google: Google; readonly plan: Item[] }> {
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
    { deploy: await read('deploy'), gpuWorkers: await read('gpu-workers'), store: settings.store },
  );
  return { google: createGoogle(wishes.project, settings.cloudEndpoint), plan: planOf(wishes) };
}
