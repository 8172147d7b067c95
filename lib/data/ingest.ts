import { setImmediate } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import type { Collected, Examined, Finding } from '../../contracts/schemas/dataset';
import type { Addition } from '../../contracts/schemas/feedback';
import type { SplitName } from '../../contracts/schemas/documents';
import type { DatasetConfig } from '../../contracts/schemas/pipeline';
import type { IngestResult } from '../../contracts/schemas/results';
import { encodeLines } from '../storage/json-lines';
import { putRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { readAdditions } from './additions';
import { withAssignments } from './assignments';
import { collectSource, readFiles, type FilesRef } from './collect';
import { examineChunk, planExamination, readExamined } from './examine';
import { readHistory, recordVersion, versionBefore } from './history';
import { locate } from './labels';
import { classesOf, compareText, datasetFolder, writeManifest } from './manifest';
import type { Source } from './sources/source';
import { assignSplits, countPictures, countSplits, requireTrainable } from './split';
import { tooNear } from './too-near';
import { validatePictures, type LabelledFile } from './validate';
import { warningsOf } from './warnings';
import { entryOf, writeCard, type PlacedPicture } from './write-card';

/** What is told of a source once it was read. */
export type SourceWords = Pick<Source, 'uri' | 'labelled' | 'licences'>;

interface Ingesting {
  readonly store: Store;
  readonly dataset: DatasetConfig;
  /** Of this ingest: where another attempt at it left off, this one goes on. */
  readonly key: string;
}

interface Finishing extends Ingesting {
  readonly source: SourceWords;
  readonly files: FilesRef;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Takes a source's pictures into the store as a version of a dataset: reads them, examines those that nobody
 * has examined, judges them by the dataset's rules, divides them, and writes manifest, findings and card. Killed
 * at any moment and begun again, it gives the same version, and reads nothing twice.
 *
 * As one call, for where there are no workers to spread it over; a workflow has its steps as activities.
 *
 * @throws Failure `dataset-invalid` where the rules say so, or where what is left cannot be trained on; what
 *   source and store throw; the signal's reason.
 */
export async function ingestSource(
  ingesting: Ingesting & {
    readonly source: Source;
    readonly at: string;
    readonly onProgress?: ((progress: ActivityProgress) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<IngestResult> {
  const { store, source, dataset, key, at, onProgress, signal } = ingesting;
  const { name } = dataset;
  const files = await collectSource({ store, name, key, source, onProgress, signal });
  const chunks = await planExamination(store, name, await readFiles(store, files));
  const total = chunks.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  for (const { chunk, count } of chunks) {
    const done = before;
    await examineChunk({
      ...{ store, name, chunk },
      onProgress: (progress) => onProgress?.({ ...progress, done: done + progress.done, total }),
      ...(signal && { signal }),
    });
    before += count;
  }
  return finishIngest({ store, source, dataset, key, files, at });
}

/**
 * Judges and divides what was collected and examined, and writes the version: manifest, `findings.jsonl` with
 * every finding, and the card as `card.html` and `card.md`. What reviewed feedback has added to the dataset comes beside the
 * source's own, in the training split; where another version came meanwhile, as of a review, all of this is done again.
 *
 * @param finishing.at - when, as ISO 8601
 * @throws Failure `dataset-invalid`; what the store throws
 */
export async function finishIngest(finishing: Finishing): Promise<IngestResult> {
  for (;;) {
    const result = await finishOnce(finishing);
    if (result !== undefined) return result;
  }
}

/** @returns undefined where another version has become the newest meanwhile: this one is not noted, and would hide it */
async function finishOnce(finishing: Finishing): Promise<IngestResult | undefined> {
  const { store, source, dataset, files, at } = finishing;
  const { name, split, validate: rules } = dataset;
  // Before the additions are read: a version with later ones comes after this.
  const newest = (await readHistory(store, name)).at(-1)?.version;
  const collected = await readFiles(store, files);
  const located = locate(collected, source.labelled, dataset.source.labels);
  const additions = withoutKnown(await readAdditions(store, name), located);
  const described = joined([...located, ...additions.values()], await readExamined(store, name));
  // Each of these computes for a while: in between, others have their turn.
  await setImmediate();
  const verdict = validatePictures(described, rules);
  await setImmediate();
  const { placed, findings: ofSplits } = await withAssignments(store, name, split, (known) => {
    // Where the additions are is settled, so that what looks like them follows them and they follow nothing.
    const settled = new Map(known);
    for (const sha256 of additions.keys()) if (!settled.has(sha256)) settled.set(sha256, 'train');
    const { splits, findings: ofAll } = assignSplits(verdict.kept, split, settled, rules);
    const all = verdict.kept.flatMap((picture, index): PlacedPicture[] => {
      const assigned = splits[index];
      const origin = additions.get(picture.sha256)?.origin;
      return assigned === undefined ? [] : [{ ...picture, split: assigned, ...(origin && { origin }) }];
    });
    const { placed, findings: ofAdditions } = withoutUnfit(all);
    const findings = [...ofAll, ...ofAdditions];
    const assigned = new Map<string, SplitName>(placed.map(({ sha256, split }) => [sha256, split]));
    return { placed, findings, assigned };
  });
  const findings = [...verdict.findings, ...ofSplits].sort(
    (a, b) => compareText(a.path, b.path) || compareText(a.kind, b.kind),
  );
  const counts = countPictures(placed);
  try {
    requireTrainable(counts);
  } catch (error) {
    throw await withFindings(error, finishing, findings);
  }

  const { manifest, version } = await writeManifest(store, name, placed.map(entryOf));
  const folder = datasetFolder(name, version);
  await putRef(store, `${folder}/findings.jsonl`, encodeLines(findings));
  const dropped = new Set(findings.filter((finding) => finding.dropped).map(({ path }) => path)).size;
  const classes = classesOf(placed);
  const previous = await versionBefore(store, name, version);
  const card = await writeCard({
    ...{ store, dataset, version, at, files: located, placed, findings, previous: previous?.manifest },
    source: { uri: source.uri, licences: dataset.source.licence ?? source.licences },
  });
  // Last: a version that is listed is whole, with its card.
  const isNewest = await recordVersion(store, name, newest, {
    ...{ version, manifest, at, source: source.uri },
    ...{ pictures: placed.length, classes: classes.length, dropped },
  });
  if (!isNewest) return undefined;
  return {
    ...{ manifest, card, pictures: placed.length, classes },
    perSplit: countSplits(counts),
    rejected: dropped,
    warnings: warningsOf(findings, counts),
  };
}

/** By digest; what the source has itself is the source's, under whatever label. */
function withoutKnown(
  additions: readonly Addition[],
  files: readonly Collected[],
): ReadonlyMap<string, Addition> {
  const known = new Set(files.map(({ sha256 }) => sha256));
  return new Map(
    additions.filter(({ sha256 }) => !known.has(sha256)).map((addition) => [addition.sha256, addition]),
  );
}

/** Leaves out additions that would tell the training of a picture that models are measured by: of an addition, nothing else is a wrong one. */
function withoutUnfit(pictures: readonly PlacedPicture[]): {
  readonly placed: readonly PlacedPicture[];
  readonly findings: readonly Finding[];
} {
  const added = pictures.filter(({ origin }) => origin !== undefined);
  if (added.length === 0) return { placed: pictures, findings: [] };
  const measures = pictures.filter(({ origin, split }) => origin === undefined && split !== 'train');
  const near = tooNear(added, measures);
  const unfit = new Set<PlacedPicture>();
  const findings = added.flatMap((picture, index): Finding[] => {
    const at = near.get(index);
    const measure = at === undefined ? undefined : measures[at];
    if (measure === undefined && picture.split === 'train') return [];
    unfit.add(picture);
    const reason =
      measure === undefined
        ? `Was added by a review, and was in ${picture.split} before.`
        : `Was added by a review, and looks the same as ${measure.path} in ${measure.split}.`;
    const { path, label } = picture;
    return [{ kind: 'leak', path, label, dropped: true, reason, ...(measure && { other: measure.path }) }];
  });
  return { placed: pictures.filter((picture) => !unfit.has(picture)), findings };
}

/** What is said of each file, with what was found out by looking at it. */
function joined(
  files: readonly (Collected | Addition)[],
  examined: ReadonlyMap<string, Examined>,
): LabelledFile[] {
  return files.map((each) => {
    const { stamp: _stamp, origin: _origin, ...file } = { stamp: undefined, origin: undefined, ...each };
    const { facts, problem } = (file.sha256 === undefined ? undefined : examined.get(file.sha256)) ?? {};
    if (file.sha256 !== undefined && facts === undefined && problem === undefined) {
      throw new Error(`${file.path} was not examined: a part of the examination is missing.`);
    }
    return { ...file, ...(facts && { facts }), ...(problem && { problem }) };
  });
}

/** Where little or nothing is left, the likeliest reason stands among what was left out: all of it is kept, and one is said. */
async function withFindings(
  error: unknown,
  { store, dataset, key }: Ingesting,
  findings: readonly Finding[],
): Promise<unknown> {
  const dropped = findings.filter((finding) => finding.dropped);
  const [first] = dropped;
  if (!(error instanceof Failure) || first === undefined) return error;
  const place = `datasets/${dataset.name}/refused/${key}/findings.jsonl`;
  await store.write(place, encodeLines(findings));
  const message =
    `${error.message} ${dropped.length} files were left out, such as ${first.path}: ${first.reason} ` +
    `All of them are in ${place} of the store.`;
  return new Failure(error.type, message, { cause: error });
}
