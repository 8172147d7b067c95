import { storeKey, type ManifestRef, type PreparedRef } from '../../../contracts/refs';
import type { DatasetVersionEntry } from '../../../contracts/schemas/dataset';
import { preparedIndexSchema } from '../../../contracts/schemas/documents';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import { ingestResultSchema, preprocessResultSchema } from '../../../contracts/schemas/results';
import { readAdditions } from '../additions';
import { mapConcurrently } from '../concurrently';
import { readHistory } from '../history';
import { latestPrepared } from '../latest-prepared';
import { keysUnder, readTrainedRuns } from '../lineage';
import { datasetFolder, readManifest } from '../manifest';
import { parseDocument, type Parser } from '../../storage/refs';
import type { SizedKey, Store } from '../../storage/store';

/** What a person wants kept. */
export interface Keeping {
  /** So many of each dataset's newest versions; without it, all. */
  readonly keep?: number | undefined;
  /** A version that was the newest within so many milliseconds is kept: work may still stand on it. */
  readonly graceMs: number;
  /** Every registered model's versions: what their lineage names is kept. */
  readonly models: readonly Pick<ModelVersion, 'lineage'>[];
  readonly now: Date;
}

/** All that stays, by its key in the store; what is named by nothing of it may go. */
export interface Kept {
  /** Folders of dataset versions. */
  readonly versions: ReadonlySet<string>;
  /** Of each dataset, the versions that its history loses. */
  readonly removed: ReadonlyMap<string, readonly DatasetVersionEntry[]>;
  /** `prepared/<key>/index.json`. */
  readonly prepared: ReadonlySet<string>;
  readonly shards: ReadonlySet<string>;
  /** Digests of each dataset's pictures, of all kept versions together. */
  readonly pictures: ReadonlyMap<string, ReadonlySet<string>>;
  /** Memos whose results name something that goes, or is gone. */
  readonly staleMemos: readonly SizedKey[];
}

const readsAtOnce = 8;
const indexPattern = /^prepared\/[0-9a-f]{64}\/index\.json$/;

/**
 * Marks what stays: the versions that were asked for, those that a registered model or the latest prepared set
 * comes from, the prepared sets that a model, a run, `latest.json` or the memo of a kept version names.
 *
 * @throws Failure `digest-mismatch`, Error: a document that says what is needed cannot be read, so nothing may go
 */
export async function markKept(store: Store, keeping: Keeping): Promise<Kept> {
  const folders = await versionFolders(store);
  const histories = new Map<string, readonly DatasetVersionEntry[]>();
  for (const name of folders.keys()) histories.set(name, await readHistory(store, name));

  const versions = new Set<string>();
  for (const [name, there] of folders) {
    const history = histories.get(name) ?? [];
    // A dataset without a history is of version 0.1.0: nobody can tell which of its versions is the newest.
    const wanted = history.length === 0 ? there : newest(history, keeping);
    for (const version of wanted) versions.add(datasetFolder(name, version));
  }
  for (const { lineage } of keeping.models) versions.add(folderOf(lineage.manifest));
  const ingests = await readMemos(store, 'ingest', ingestResultSchema);
  if (keeping.keep === undefined) {
    // Version 0.1.0 kept no history; the memo of an ingest is how its versions are known.
    for (const { result } of ingests) versions.add(folderOf(result.manifest));
  }

  const datasets = await readIndexes(store);
  const latest = await latestPrepared(store);
  const ofLatest = latest && datasets.get(keyOf(latest))?.manifest;
  if (ofLatest) versions.add(folderOf(ofLatest));

  const preparations = await readMemos(store, 'preprocess', preprocessResultSchema);
  const named = new Set([
    ...(latest ? [keyOf(latest)] : []),
    ...keeping.models.map(({ lineage }) => keyOf(lineage.prepared)),
    ...(await readTrainedRuns(store)).map(({ prepared }) => keyOf(prepared)),
    ...preparations
      .map(({ result }) => keyOf(result.prepared))
      .filter((key) => versions.has(folderOf(datasets.get(key)?.manifest))),
  ]);
  const prepared = new Set([...named].filter((key) => datasets.has(key)));

  return {
    versions,
    removed: new Map(
      [...histories].map(([name, history]) => [
        name,
        history.filter(({ version }) => !versions.has(datasetFolder(name, version))),
      ]),
    ),
    prepared,
    shards: new Set([...prepared].flatMap((key) => datasets.get(key)?.shards ?? [])),
    pictures: await picturesOf(store, versions, [...folders.keys()]),
    staleMemos: [
      ...ingests.filter(({ result }) => !versions.has(folderOf(result.manifest))),
      ...preparations.filter(({ result }) => !prepared.has(keyOf(result.prepared))),
    ].map(({ key, bytes }) => ({ key, bytes })),
  };
}

/** The versions of a dataset that are asked for, or were the newest a short while ago. */
function newest(history: readonly DatasetVersionEntry[], { keep, graceMs, now }: Keeping): Set<string> {
  if (keep === undefined) return new Set(history.map(({ version }) => version));
  const kept = new Set<string>();
  for (const [index, { version }] of [...history.entries()].reverse()) {
    const next = history[index + 1];
    const wasNewest = next === undefined || now.getTime() - Date.parse(next.at) < graceMs;
    if (kept.size < keep || wasNewest) kept.add(version);
  }
  return kept;
}

/** Each dataset's versions as they lie in the store, named by a history or not. */
async function versionFolders(store: Store): Promise<Map<string, Set<string>>> {
  const folders = new Map<string, Set<string>>();
  for await (const key of store.list('datasets/')) {
    const [, name, version] = /^datasets\/([^/]+)\/(?:([0-9a-f]{64})\/manifest\.jsonl$)?/.exec(key) ?? [];
    if (name === undefined) continue;
    const of = folders.get(name) ?? new Set();
    if (version !== undefined) of.add(version);
    folders.set(name, of);
  }
  return folders;
}

interface PreparedDataset {
  readonly manifest: ManifestRef;
  readonly shards: readonly string[];
}

/** What each prepared set is of, and the shards that it reads. */
async function readIndexes(store: Store): Promise<Map<string, PreparedDataset>> {
  const keys = await keysUnder(store, 'prepared/', indexPattern);
  const read = await mapConcurrently(keys, readsAtOnce, async (key) => {
    const { dataset, shards } = parseDocument(await store.read(key), preparedIndexSchema, key);
    return [key, { manifest: dataset.manifest, shards: shards.map(({ ref }) => keyOf(ref)) }] as const;
  });
  return new Map(read);
}

async function readMemos<T>(
  store: Store,
  stage: 'ingest' | 'preprocess',
  schema: Parser<T>,
): Promise<(SizedKey & { readonly result: T })[]> {
  const keys = await keysUnder(store, `cache/${stage}/`, /\.json$/);
  const memos = await mapConcurrently(keys, readsAtOnce, async (key) => {
    const bytes = await store.read(key);
    try {
      return [{ key, bytes: bytes.length, result: parseDocument(bytes, schema, key) }];
    } catch {
      // As where it is looked up: a memo that cannot be read is none.
      return [];
    }
  });
  return memos.flat();
}

async function picturesOf(
  store: Store,
  versions: ReadonlySet<string>,
  names: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const pictures = new Map<string, Set<string>>();
  // The next version has what reviews have added, whichever is kept now.
  for (const name of names) {
    const added = await readAdditions(store, name);
    if (added.length > 0) pictures.set(name, new Set(added.map(({ sha256 }) => sha256)));
  }
  for (const folder of versions) {
    const [, name, version] = /^datasets\/([^/]+)\/([0-9a-f]{64})$/.exec(folder) ?? [];
    const key = `${folder}/manifest.jsonl`;
    // One that is gone names nothing, such as a model's that was brought here without its pictures.
    if (name === undefined || version === undefined || !(await store.exists(key))) continue;
    const of = pictures.get(name) ?? new Set<string>();
    const manifest = { uri: `store://${key}`, sha256: version };
    for (const { sha256 } of await readManifest(store, manifest)) of.add(sha256);
    pictures.set(name, of);
  }
  return pictures;
}

function keyOf(ref: PreparedRef | { readonly uri: string }): string {
  return storeKey(ref.uri) ?? ref.uri;
}

/** The folder of the version that a manifest is of. */
function folderOf(manifest: ManifestRef | undefined): string {
  return manifest === undefined ? '' : keyOf(manifest).replace(/\/[^/]*$/, '');
}
