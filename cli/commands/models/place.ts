import type { ModelVersion } from '../../../contracts/schemas/registry';
import type { Settings } from '../../../contracts/schemas/settings';
import { findModelVersion, readModelWish } from '../../../lib/registry/find-version';
import { createRegistry, type Registry } from '../../../lib/registry/registry';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { modelName } from '../../model-name';
import { type Outside, type SettingFlags, environmentWith, settingsOf } from '../../settings';

export interface JsonFlags extends SettingFlags {
  readonly json?: boolean;
}

/** What every command about models begins with. */
export interface ModelPlace {
  readonly settings: Settings;
  readonly store: Store;
  readonly registry: Registry;
  /** The model that is meant where none is named. */
  defaultName(): Promise<string>;
}

export function openModels(flags: SettingFlags, outside: Outside): ModelPlace {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  return {
    ...{ settings, store, registry: createRegistry(store) },
    defaultName: () => modelName(settings, environmentWith(flags, outside.environment)),
  };
}

/** A model's name as a person gave it: what stands before an `@`, or the default. */
export async function wishedModel(text: string | undefined, place: ModelPlace): Promise<string> {
  const { name } = readModelWish(text ?? '');
  return name === '' ? place.defaultName() : name;
}

/**
 * The version that a person named: `animals@3`, `@champion`, `3`, `latest`, or nothing.
 *
 * @throws Failure `not-found`, saying what there is
 */
export async function wishedVersion(text: string | undefined, place: ModelPlace): Promise<ModelVersion> {
  const { name, which } = readModelWish(text ?? '');
  return findModelVersion(place.registry, { name: name === '' ? await place.defaultName() : name, which });
}
