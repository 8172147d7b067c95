import { Failure } from '../../../contracts/failures';
import type { Settings } from '../../../contracts/schemas/settings';
import { listDatasets } from '../../../lib/data/history';
import { findVersion, readVersionWish, type FoundVersion } from '../../../lib/data/versions';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { modelName } from '../../model-name';
import { type Outside, type SettingFlags, environmentWith, settingsOf } from '../../settings';

/** What every command about datasets begins with. */
export interface DataPlace {
  readonly settings: Settings;
  readonly store: Store;
  /** The dataset that is meant where none is named. */
  defaultName(): Promise<string>;
}

export function openData(flags: SettingFlags, outside: Outside): DataPlace {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  return {
    ...{ settings, store },
    defaultName: async () => {
      const [configured, names] = await Promise.all([
        modelName(settings, environmentWith(flags, outside.environment)),
        listDatasets(store),
      ]);
      const [first, second] = names;
      if (names.includes(configured)) return configured;
      // Of one alone it is plain which is meant; where there is none, the look-up says so.
      if (second === undefined) return first ?? configured;
      throw new Failure('request-invalid', `Name a dataset: ${names.join(', ')}.`);
    },
  };
}

/**
 * The version that a person named: `pets`, `pets@4f2a`, `@latest~1`, `latest~1`, or nothing.
 *
 * @throws Failure as {@link findVersion}; `request-invalid` where it is not plain which dataset is meant
 */
export async function wishedVersion(text: string | undefined, data: DataPlace): Promise<FoundVersion> {
  const bare = text !== undefined && /^latest(~\d+)?$/.test(text) ? `@${text}` : (text ?? '');
  const { name, version } = readVersionWish(bare);
  return findVersion(data.store, { name: name === '' ? await data.defaultName() : name, version });
}
