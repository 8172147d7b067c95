import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../contracts/failures';
import { type PreparedRef, storeKey } from '../../contracts/refs';
import { runResultSchema } from '../../contracts/schemas/documents';
import type { PipelineConfig } from '../../contracts/schemas/pipeline';
import type { Settings } from '../../contracts/schemas/settings';
import type { TrainerProgress } from '../../contracts/schemas/trainer';
import type { ConfigurationPlaces } from '../../lib/configuration/files';
import { resolveConfiguration } from '../../lib/configuration/resolve';
import { ingestSource } from '../../lib/data/ingest';
import { latestPrepared, rememberPrepared } from '../../lib/data/latest-prepared';
import { finishPreparation, planPreparation, preparationKey, prepareChunk } from '../../lib/data/preparation';
import { openSource } from '../../lib/data/sources/open-source';
import { sourceOptions } from '../../lib/data/sources/source-options';
import { beginWork, endWork } from '../../lib/data/under-way';
import { evaluateModel } from '../../lib/evaluation/evaluate';
import { openStore } from '../../lib/storage/open-store';
import { digestOf, readJson } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { runId } from '../../lib/training/run-id';
import { startTrainer } from '../../lib/training/start-trainer';
import { addonLink } from '../../native/addon';
import { thisMachine } from '../../native/world';
import { type Console, silent } from '../display/console';
import { accuracyLine, resultLines } from '../display/result';
import { Steps } from '../display/steps';
import { ownPictures } from '../own-pictures';
import { setUpNative } from '../set-up';
import { type Environment, type Outside, type SettingFlags, settingsOf } from '../settings';
import { readTyped } from '../start-input';

export interface TrainFlags extends SettingFlags {
  readonly local?: boolean;
  readonly data?: string;
  readonly json?: boolean;
}

const stallAfterMs = 120_000;

/**
 * One training in this process and its trainer, with no Temporal: source, prepared set, run, figures on the
 * test pictures. Everything composes here; a second call with the same configuration finds the run's
 * checkpoints, or its result.
 *
 * @param words - a configuration at most, and `key=value` changes to it; those that begin with `preprocess.`
 *   or `split.` change how the pictures are prepared, as in `configs/pipeline.yaml`
 * @throws Failure where anything of it fails; the signal's reason once that is aborted.
 */
export async function train(
  words: readonly string[],
  flags: TrainFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  if (flags.local !== true) {
    throw new Failure(
      'start-refused',
      '`drover train --local` trains here, without Temporal. On the workers: npx drover run train.',
    );
  }
  const settings = settingsOf(flags, outside);
  const shown = flags.json === true ? silent(out) : out;
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
    await setUpNative(['tensorflow'], settings.cache, shown, signal);
  }

  const steps = new Steps(shown);
  try {
    const { environment } = outside;
    const prepared = await preparedSet({ asked, settings, environment, store, places, steps, signal });
    const run = runId(config, prepared);
    const ref = await startTrainer({
      command: [process.execPath, outside.program, 'trainer'],
      job: {
        storeLocation: store.location,
        ...(settings.gcsEndpoint !== undefined && { gcsEndpoint: settings.gcsEndpoint }),
        config,
        prepared,
        run,
      },
      environment: outside.environment,
      onProgress: (progress) => reportTraining(steps, progress),
      onNotice: (message) => shown.say(message),
      signal,
      stallAfterMs,
    });
    const result = await readJson(store, ref, runResultSchema);
    const { evaluation } = await evaluateModel({
      store,
      model: result.model,
      prepared,
      split: 'test',
      onProgress: (amount) => steps.report('evaluate', amount),
      signal,
    });
    steps.end();

    const { epoch: _epoch, seconds: _seconds, ...metrics } = result.best;
    const trained = { run, result: ref, metrics, epochs: result.history.length };
    const { accuracy, accuracyInterval: interval, baseline, pictures } = evaluation;
    const model = placeOf(store, result.model.onnx.uri);
    if (flags.json === true) {
      out.say(
        JSON.stringify({ ...trained, model, test: { accuracy, interval, baseline, pictures } }, null, 2),
      );
      return;
    }
    out.say();
    for (const line of resultLines('train', trained, out.colours)) out.say(line);
    out.say(accuracyLine({ accuracy, interval, baseline, pictures }));
    out.say(`model       ${model}`);
  } finally {
    steps.end();
  }
}

function isAboutData(override: string): boolean {
  return /^(preprocess|split|validate|source)\./.test(override);
}

interface Preparing {
  /** What was given on the command line about the pictures. */
  readonly asked: { readonly data: string | undefined; readonly overrides: readonly string[] };
  readonly settings: Settings;
  readonly environment: Environment;
  readonly store: Store;
  readonly places: ConfigurationPlaces;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/** The set that was prepared last, where nothing else is asked for; else one made of the source. */
async function preparedSet(preparing: Preparing): Promise<PreparedRef> {
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

function reportTraining(steps: Steps, progress: TrainerProgress): void {
  const { phase, epoch, epochs, step: done, steps: total, last } = progress;
  const judged = last ? `, validation accuracy ${(last.validation_accuracy * 100).toFixed(1)} %` : '';
  const note = phase === 'training' ? `epoch ${epoch} of ${epochs}${judged}` : phase;
  steps.report('train', total > 0 ? { done, total, unit: 'steps' } : undefined, note);
}

/** Where a person finds what a ref of this store names. */
function placeOf(store: Store, uri: string): string {
  return `${store.location}/${storeKey(uri) ?? uri}`;
}
