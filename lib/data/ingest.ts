import { Failure, type FailureType } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import type { ManifestRef, Ref } from '../../contracts/refs';
import type { ManifestEntry, Rejection, SplitName } from '../../contracts/schemas/documents';
import type { Split } from '../../contracts/schemas/pipeline';
import { decodePicture } from '../images/decode';
import { canonicalJson } from '../storage/canonical-json';
import { putBlob, putRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { renderCard } from './card';
import { mapConcurrently } from './concurrently';
import type { Source, SourcePicture } from './sources/source';
import { classesOf, compareText, datasetFolder, writeManifest } from './manifest';
import { assignSplits, countPictures, countSplits, requireTrainable } from './split';

/** Pictures under way at once: enough to keep libuv's four threads busy, few enough for any memory. */
const concurrency = 6;

/** What is wrong with one picture and no reason to stop. */
const aboutThePicture: readonly FailureType[] = ['picture-unreadable', 'picture-too-large', 'path-refused'];

export interface IngestOptions {
  readonly source: Source;
  /** The dataset's name. */
  readonly name: string;
  readonly split: Split;
  readonly store: Store;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Ingested {
  readonly manifest: ManifestRef;
  /** SHA-256 of the manifest's bytes. */
  readonly version: string;
  readonly pictures: number;
  readonly classes: readonly string[];
  readonly perSplit: Readonly<Record<SplitName, number>>;
  readonly rejected: readonly Rejection[];
  /** `card.md`; replaced where the same version is ingested from another source. */
  readonly card: Ref<'card'>;
}

interface Found {
  readonly path: string;
  readonly label: string;
  readonly split?: SplitName;
  readonly sha256: string;
}

/**
 * Takes a source's pictures into the store as a version of a dataset: each is read, decoded once to know that
 * it can be, and kept by its digest; then the manifest, the data card and the list of what was left out are
 * written. Pictures that cannot be used are named with a reason and left out. Killed at any moment and begun
 * again, it gives the same version.
 *
 * Of files with the same bytes and label the first by path is kept; with different labels none is, since one
 * of them must be wrong.
 *
 * @throws Failure `dataset-invalid` where what is left cannot be trained on; what the store throws; the
 *   signal's reason.
 */
export async function ingestSource(options: IngestOptions): Promise<Ingested> {
  const { source, name, split, store, onProgress, signal } = options;
  const listed: SourcePicture[] = [];
  for await (const picture of source.pictures()) {
    signal?.throwIfAborted();
    listed.push(picture);
  }
  let done = 0;
  const outcomes = await mapConcurrently(
    listed,
    concurrency,
    async (picture) => {
      const outcome = await takePicture(store, picture);
      done += 1;
      onProgress?.({ done, total: listed.length, unit: 'pictures' });
      return outcome;
    },
    signal,
  );

  const found = outcomes.filter((outcome) => 'sha256' in outcome);
  const { kept, rejected: duplicates } = dropDuplicates(found);
  const unreadable = outcomes.filter((outcome) => 'reason' in outcome);
  const rejected = [...unreadable, ...duplicates].sort((a, b) => compareText(a.path, b.path));

  const splits = assignSplits(kept, split);
  const entries = kept.map(({ path, label, sha256 }, index): ManifestEntry => ({
    path,
    label,
    sha256,
    split: splits[index] ?? 'train',
  }));
  const counts = countPictures(entries);
  try {
    requireTrainable(counts);
  } catch (error) {
    throw withRejections(error, rejected);
  }

  const { manifest, version } = await writeManifest(store, name, entries);
  const folder = datasetFolder(name, version);
  const lines = rejected.map((rejection) => `${canonicalJson(rejection)}\n`).join('');
  await store.write(`${folder}/rejected.jsonl`, Buffer.from(lines));
  const card = renderCard({ name, version, counts, licences: source.licences, rejected });
  return {
    manifest,
    version,
    pictures: entries.length,
    classes: classesOf(entries),
    perSplit: countSplits(counts),
    rejected,
    card: await putRef<'card'>(store, `${folder}/card.md`, Buffer.from(card)),
  };
}

async function takePicture(store: Store, picture: SourcePicture): Promise<Found | Rejection> {
  const { path, label, split } = picture;
  if (label === undefined) return { path, reason: 'It lies in no class folder.' };
  try {
    const bytes = await picture.bytes();
    // The smallest decode that still reads every byte; what size it is wanted in is decided later.
    await decodePicture(bytes, { size: 8, color: 'rgb', fit: 'stretch' });
    const { sha256 } = await putBlob(store, bytes);
    return { path, label, sha256, ...(split && { split }) };
  } catch (error) {
    if (error instanceof Failure && aboutThePicture.includes(error.type)) {
      return { path, reason: error.message };
    }
    throw error;
  }
}

function dropDuplicates(found: readonly Found[]): { kept: Found[]; rejected: Rejection[] } {
  const byContent = new Map<string, Found[]>();
  for (const picture of found) {
    const same = byContent.get(picture.sha256);
    if (same === undefined) byContent.set(picture.sha256, [picture]);
    else same.push(picture);
  }
  const kept: Found[] = [];
  const rejected: Rejection[] = [];
  for (const same of byContent.values()) {
    const [first, ...others] = same.sort((a, b) => compareText(a.path, b.path));
    if (first === undefined) continue;
    const other = others.find(({ label }) => label !== first.label);
    if (other === undefined) {
      kept.push(first);
      for (const { path } of others)
        rejected.push({ path, reason: `The same bytes as ${first.path}, which is kept.` });
      continue;
    }
    for (const picture of [first, ...others]) {
      const against = picture.label === first.label ? other : first;
      rejected.push({
        path: picture.path,
        reason: `The same bytes lie in ${against.path}, under another class: one of the two is wrong.`,
      });
    }
  }
  return { kept, rejected };
}

/** Where nothing is left, the likeliest reason stands among what was left out. */
function withRejections(error: unknown, rejected: readonly Rejection[]): unknown {
  const [first] = rejected;
  if (!(error instanceof Failure) || first === undefined) return error;
  const message = `${error.message} ${rejected.length} files were left out, such as ${first.path}: ${first.reason}`;
  return new Failure(error.type, message, { cause: error });
}
