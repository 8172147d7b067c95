import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PreparedRef } from '../contracts/refs';
import type { RunConfig } from '../contracts/schemas/run';
import type { Settings } from '../contracts/schemas/settings';
import { resolveBackbone } from '../lib/backbones/resolve-backbone';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { sourceOptions } from '../lib/data/sources/source-options';
import { openStore } from '../lib/storage/open-store';
import type { Store } from '../lib/storage/store';
import { addonLink } from '../native/addon';
import { thisMachine } from '../native/world';
import type { Console } from './display/console';
import type { Steps } from './display/steps';
import { isAboutData, preparedSet } from './prepared-set';
import { setUpNative } from './set-up';
import { type Outside, type SettingFlags, settingsOf } from './settings';
import { readTyped } from './start-input';

/** What a training on this machine, without Temporal, stands on. */
export interface LocalTraining {
  readonly settings: Settings;
  readonly store: Store;
  readonly config: RunConfig;
  readonly prepared: PreparedRef;
}

export interface LocalTrainingStart {
  /** A configuration at most, and `key=value` changes to it or to how pictures are prepared. */
  readonly words: readonly string[];
  readonly flags: SettingFlags & { readonly data?: string };
  readonly outside: Outside;
  readonly out: Console;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/**
 * Reads the configuration, brings TensorFlow where it is missing, and finds or makes the prepared set.
 *
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function openLocalTraining(start: LocalTrainingStart): Promise<LocalTraining> {
  const { words, flags, outside, out, steps, signal } = start;
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const installation = dirname(dirname(await realpath(outside.program)));
  const places = { project: settings.project, store, defaultConfigs: join(installation, 'configs') };
  const typed = readTyped(words);
  const { config } = await resolveConfiguration(
    'train',
    { config: typed.config, overrides: typed.overrides.filter((word) => !isAboutData(word)) },
    places,
  );
  const asked = { data: flags.data, overrides: typed.overrides.filter(isAboutData) };
  // An image brings it ready, and nothing of what makes it.
  if (!existsSync(addonLink(thisMachine()))) {
    await setUpNative(['tensorflow'], settings, out, signal);
  }
  const { environment } = outside;
  const { network } = config;
  const pinned =
    network.name === 'transfer'
      ? await resolveBackbone(store, network, { ...sourceOptions(settings, environment), signal })
      : network;
  const prepared = await preparedSet({ asked, settings, environment, store, places, steps, signal });
  return { settings, store, config: { ...config, network: pinned }, prepared };
}
