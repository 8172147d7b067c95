import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../contracts/failures';
import { storeKey } from '../../../contracts/refs';
import type { DatasetConfig } from '../../../contracts/schemas/pipeline';
import { ingestResultSchema, type IngestResult } from '../../../contracts/schemas/results';
import { resolveConfiguration } from '../../../lib/configuration/resolve';
import { readHistory } from '../../../lib/data/history';
import { readFindings, shortVersion } from '../../../lib/data/versions';
import type { Console } from '../../display/console';
import { count, counted, countFindings, leftOutText } from '../../display/dataset';
import { modelName, nameChange } from '../../model-name';
import { environmentWith, type Outside, type SettingFlags } from '../../settings';
import { readTyped } from '../../start-input';
import { runWorkflow } from '../../temporal/run-workflow';
import { dryRun } from './dry-run';
import { placeOf } from './place';
import { nameFor } from './source-name';
import { openData, type DataPlace } from './wished-version';

export interface IngestFlags extends SettingFlags {
  readonly name?: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** A source as it was typed: a configuration of a dataset, or the place of its pictures. */
interface Named {
  readonly dataset: DatasetConfig;
  /** The folder or file of this machine that was named, where it was one. */
  readonly local: string | undefined;
}

/**
 * Takes a source's pictures in as a version of a dataset, by the `ingest` workflow.
 *
 * @param words - a folder, a URI, an archive or manifest, or a dataset's YAML, else the pipeline's own source; and `key=value` changes
 */
export async function ingest(
  words: readonly string[],
  flags: IngestFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  const data = openData(flags, outside);
  const { dataset, local } = await readNamed(words, flags, outside, data);
  if (flags.dryRun === true) {
    const flagged = { json: flags.json === true, local, signal };
    await dryRun(dataset, flagged, data.settings, outside, out);
    return;
  }
  const known = new Set((await readHistory(data.store, dataset.name)).map(({ version }) => version));
  const wish = {
    type: 'ingest',
    input: dataset,
    summary: `${dataset.source.uri} → ${dataset.name}`,
  } as const;
  const { outcome, ...started } = await runWorkflow(
    { ...wish, detach: flags.detach, quiet: flags.json },
    data.settings,
    out,
  );
  if (outcome === undefined) {
    if (flags.json === true && flags.detach === true) out.say(JSON.stringify(started));
    return;
  }
  await sayTaken(dataset, ingestResultSchema.parse(outcome.result), known, data, flags.json === true, out);
}

const isUri = (word: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(word);

async function readNamed(
  words: readonly string[],
  flags: IngestFlags,
  outside: Outside,
  { settings, store }: DataPlace,
): Promise<Named> {
  const { config: given, overrides: typed } = readTyped(words);
  const overrides = [...typed, ...(flags.name === undefined ? [] : [`name=${JSON.stringify(flags.name)}`])];
  const installation = dirname(dirname(await realpath(outside.program).catch(() => outside.program)));
  const places = { project: settings.project, store, defaultConfigs: join(installation, 'configs') };
  if (given === undefined) {
    const model = await modelName(settings, environmentWith(flags, outside.environment), overrides);
    const named = [...overrides, ...(await nameChange(settings, model, overrides))];
    const { config } = await resolveConfiguration('pipeline', { overrides: named }, places);
    const { name, source, split, validate } = config;
    return {
      dataset: { name, source, split, validate },
      local: await localPath(source.uri, settings.project),
    };
  }
  if (/\.ya?ml$/i.test(given) && (!isUri(given) || /^(file|store):/i.test(given))) {
    const { config } = await resolveConfiguration('dataset', { config: given, overrides }, places);
    return { dataset: config, local: await localPath(config.source.uri, settings.project) };
  }
  const local = await localPath(given, outside.folder);
  if (local === undefined && !isUri(given)) {
    throw new Failure(
      'source-invalid',
      `There is no ${JSON.stringify(given)} in ${outside.folder}. Expected a folder, an archive, a manifest or a ` +
        'YAML file; a change is written as key=value.',
    );
  }
  const uri = local ?? given;
  const config = { name: nameFor(uri), source: { uri } };
  const resolved = await resolveConfiguration('dataset', { config, overrides }, places);
  return { dataset: resolved.config, local };
}

/** The absolute path of what a word names on this machine; undefined where that is nothing here. */
async function localPath(word: string, folder: string): Promise<string | undefined> {
  if (isUri(word) && !/^file:/i.test(word)) return undefined;
  let path: string;
  try {
    path = /^file:/i.test(word) ? fileURLToPath(word) : resolve(folder, word);
  } catch {
    // Said by whoever opens the source.
    return undefined;
  }
  return (await stat(path).catch(() => undefined)) === undefined ? undefined : path;
}

async function sayTaken(
  { name }: DatasetConfig,
  result: IngestResult,
  known: ReadonlySet<string>,
  { store }: DataPlace,
  json: boolean,
  out: Console,
): Promise<void> {
  const version = /\/([0-9a-f]{64})\/[^/]*$/.exec(storeKey(result.manifest.uri) ?? '')?.[1] ?? '';
  const isNew = !known.has(version);
  const findings = (await readFindings(store, name, version)) ?? [];
  const card = result.card && placeOf(store, result.card.uri);
  if (json) {
    const leftOut = Object.fromEntries(
      countFindings(findings)
        .filter(({ dropped }) => dropped > 0)
        .map(({ kind, dropped }) => [kind, dropped]),
    );
    out.say(JSON.stringify({ name, version, isNew, ...result, leftOut, cardPlace: card ?? null }, null, 2));
    return;
  }
  const { bold, dim, green, yellow } = out.colours;
  const { train, validation, test } = result.perSplit;
  out.say();
  out.say(
    `${bold(`${name}@${shortVersion(version)}`)} ${
      isNew ? green('is a new version') : dim('was known already: the pictures are those of that version')
    }`,
  );
  out.say(
    `pictures    ${count(result.pictures)} of ${counted(result.classes.length, 'class', 'classes')}: ` +
      `${count(train)} to train, ${count(validation)} to validate, ${count(test)} to test`,
  );
  if (result.rejected > 0) {
    const kinds = leftOutText(findings);
    out.say(`left out    ${counted(result.rejected, 'file')}${kinds === '' ? '' : `: ${kinds}`}`);
  }
  for (const warning of result.warnings ?? []) out.say(yellow(`look at     ${warning}`));
  if (card !== undefined) out.say(`card        ${card}`);
  if (isNew && known.size > 0) out.say(dim(`compare     npx drover data diff ${name}@latest~1 ${name}`));
}
