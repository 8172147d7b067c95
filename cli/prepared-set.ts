import type { PreparedRef } from '../contracts/refs';
import type { PipelineConfig } from '../contracts/schemas/pipeline';
import type { Settings } from '../contracts/schemas/settings';
import type { ConfigurationPlaces } from '../lib/configuration/files';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { ingestSource } from '../lib/data/ingest';
import { latestPrepared, rememberPrepared } from '../lib/data/latest-prepared';
import { finishPreparation, planPreparation, preparationKey, prepareChunk } from '../lib/data/preparation';
import { openSource } from '../lib/data/sources/open-source';
import { sourceOptions } from '../lib/data/sources/source-options';
import { beginWork, endWork } from '../lib/data/under-way';
import { digestOf } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import type { Steps } from './display/steps';
import { ownPictures } from './own-pictures';
import type { Environment } from './settings';

/** Whether a change is one of how pictures are prepared, as in `configs/pipeline.yaml`. */
export function isAboutData(override: string): boolean {
  return /^(preprocess|split|validate|source)\./.test(override);
}

export interface Preparing {
  /** What was given on the command line about the pictures. */
  readonly asked: { readonly data: string | undefined; readonly overrides: readonly string[] };
  readonly settings: Settings;
  readonly environment: Environment;
  readonly store: Store;
  readonly places: ConfigurationPlaces;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/**
 * The set that was prepared last, where nothing else is asked for; else one made of the source, in this process.
 *
 * @throws Failure where the source can't be read or prepared; the signal's reason once that is aborted.
 */
export async function preparedSet(preparing: Preparing): Promise<PreparedRef> {
  const { asked, settings, store, places, steps, signal } = preparing;
  if (asked.data === undefined && asked.overrides.length === 0) {
    const latest = await latestPrepared(store);
    if (latest) return latest;
  }
  const { overrides, roots } = await sourceOf(asked.data, settings);
  const { config } = await resolveConfiguration(
    'pipeline',
    { overrides: [...overrides, ...asked.overrides] },
    places,
  );
  const prepared = await prepare(config, [...settings.allowedRoots, ...roots], preparing);
  signal.throwIfAborted();
  steps.report('preprocess', { done: prepared.pictures, total: prepared.pictures, unit: 'pictures' });
  await rememberPrepared(store, prepared.prepared);
  return prepared.prepared;
}

/** `--data` as changes to the configuration, and the folder that it allows to be read. */
async function sourceOf(
  data: string | undefined,
  settings: Settings,
): Promise<{ readonly overrides: readonly string[]; readonly roots: readonly string[] }> {
  if (data === undefined) return { overrides: [], roots: [] };
  const { uri, folder, name } = await ownPictures(data, settings.project);
  return {
    // The sample keeps the name that its configuration gives it.
    overrides: [`source.uri=${JSON.stringify(uri)}`, ...(uri.startsWith('sample:') ? [] : [`name=${name}`])],
    roots: folder === undefined ? [] : [folder],
  };
}

async function prepare(
  { name, source, split, validate, preprocess: preprocessing }: PipelineConfig,
  allowedRoots: readonly string[],
  { settings, environment, store, steps, signal }: Preparing,
): Promise<{ readonly prepared: PreparedRef; readonly pictures: number }> {
  // What this puts into the store is named by nothing until it has ended: no cleaning may come in between.
  const work = digestOf({ source, split, validate, preprocessing });
  await beginWork(store, work);
  try {
    const { manifest } = await ingestSource({
      store,
      source: await openSource(source, {
        ...sourceOptions(settings, environment),
        allowedRoots,
        onProgress: (amount) => steps.report('ingest', amount),
        signal,
      }),
      dataset: { name, source, split, validate },
      // The same source again goes on where a stopped one left off.
      key: digestOf({ source, split, validate }),
      at: new Date().toISOString(),
      onProgress: (amount) => steps.report('ingest', amount),
      signal,
    });
    const { chunks } = await planPreparation({ store, name, manifest, preprocessing });
    const total = chunks.reduce((sum, { count }) => sum + count, 0);
    let before = 0;
    for (const { chunk, count } of chunks) {
      const first = before;
      const onProgress = ({ done }: { readonly done: number }): void =>
        steps.report('preprocess', { done: first + done, total, unit: 'pictures' });
      await prepareChunk({ store, name, preprocessing, chunk, onProgress, signal });
      before += count;
    }
    const key = preparationKey(manifest, preprocessing);
    return await finishPreparation({ store, name, manifest, key, preprocessing });
  } finally {
    await endWork(store, work);
  }
}
