import { Failure, type FailureType } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import type { Ref } from '../../contracts/refs';
import { collectedSchema, type Collected, type PictureProblem } from '../../contracts/schemas/dataset';
import { refSchema } from '../../contracts/schemas/documents';
import { formatNames, readSignature } from '../images/signature';
import { decodeLines, encodeLines, readLines } from '../storage/json-lines';
import { digestOf, parseDocument, putBlob, putJson, putRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { eachConcurrently } from './concurrently';
import { compareText } from './manifest';
import type { Source, SourcePicture } from './sources/source';

/** Files under way at once: enough to keep a disk or a network busy, few enough for any memory. */
const concurrency = 12;

/** So many files are lost from the reading at most where a worker is killed. */
const filesPerPart = 500;

/** What is wrong with one file, and no reason to stop. */
const problems: Partial<Record<FailureType, PictureProblem>> = {
  'picture-unreadable': 'damaged',
  'picture-too-large': 'too_large',
  'path-refused': 'refused',
};

/** Every file of a source, by path: `files-….jsonl` of {@link collectedSchema}. */
export type FilesRef = Ref<'files'>;

interface Collecting {
  readonly store: Store;
  /** The dataset's name. */
  readonly name: string;
  /** Of this ingest; where another attempt at it left off, this one goes on. */
  readonly key: string;
  readonly source: Source;
  readonly onProgress?: ((progress: ActivityProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads every file of a source once and keeps those that begin as a picture does, by their digests. Files that
 * an earlier attempt or an earlier version of the same source has read, and whose stamp is the same, are not
 * read again.
 *
 * @throws what the source and the store throw; the signal's reason. A file that cannot be taken is listed with
 *   its reason.
 */
export async function collectSource(collecting: Collecting): Promise<FilesRef> {
  const { store, name, key, source, onProgress, signal } = collecting;
  const folder = `datasets/${name}/collected/${key}`;
  const parts = await readParts(store, folder);
  const seen = new Map<string, Collected>();
  for (const file of [...(await latestFiles(store, name, source.uri)), ...parts.files]) {
    // What could not be read, such as an address that did not answer, is tried again.
    const isSettled = file.problem === undefined || file.problem.kind === 'not_a_picture';
    if (file.stamp !== undefined && isSettled) seen.set(file.path, file);
  }

  const files: Collected[] = [];
  let pending: Collected[] = [];
  let next = parts.next;
  const flush = async (): Promise<void> => {
    if (pending.length === 0) return;
    const lines = encodeLines(pending);
    const part = `${folder}/part-${String(next).padStart(6, '0')}.jsonl`;
    pending = [];
    next += 1;
    await store.write(part, lines);
  };
  await eachConcurrently(
    source.pictures(),
    concurrency,
    async (picture) => {
      const known = picture.stamp === undefined ? undefined : seen.get(picture.path);
      const isKnown = known?.stamp === picture.stamp && known !== undefined;
      const file = isKnown ? withWords(picture, known) : await take(store, picture);
      files.push(file);
      // How many there are in all, a source knows when it has named the last.
      onProgress?.({ done: files.length, total: 0, unit: 'pictures', note: 'reading the source' });
      if (isKnown) return;
      pending.push(file);
      if (pending.length >= filesPerPart) await flush();
    },
    signal,
  );
  await flush();

  files.sort((a, b) => compareText(a.path, b.path));
  // By its digest: another ingest of this key may have read a source that changed in between.
  const lines = encodeLines(files);
  const ref = await putRef<'files'>(store, `${folder}/files-${sha256(lines).slice(0, 16)}.jsonl`, lines);
  await putJson(store, latestKey(name, source.uri), ref);
  // From here on the list says it all.
  for await (const part of store.list(`${folder}/part-`)) await store.remove(part);
  return ref;
}

/** @throws Failure, Error as `readLines` */
export async function readFiles(store: Store, files: FilesRef): Promise<Collected[]> {
  return readLines(store, files, collectedSchema);
}

/** What the source says of a file may change though its bytes don't. */
function withWords(picture: SourcePicture, { bytes, sha256, problem }: Collected): Collected {
  return { ...words(picture), bytes, ...(sha256 !== undefined && { sha256 }), ...(problem && { problem }) };
}

function words({ path, label, split, group, stamp }: SourcePicture) {
  return {
    path,
    ...(label !== undefined && { label }),
    ...(split !== undefined && { split }),
    ...(group !== undefined && { group }),
    ...(stamp !== undefined && { stamp }),
  };
}

async function take(store: Store, picture: SourcePicture): Promise<Collected> {
  const said = words(picture);
  let bytes: Buffer;
  try {
    bytes = await picture.bytes();
  } catch (error) {
    const kind = error instanceof Failure ? problems[error.type] : undefined;
    if (kind === undefined || !(error instanceof Failure)) throw error;
    return { ...said, bytes: 0, problem: { kind, reason: error.message } };
  }
  // What is no picture is not kept: a source may hold anything beside its pictures.
  const signature = readSignature(bytes);
  if (signature.format === undefined) {
    const reason = `Found ${signature.looksLike}; expected a picture: ${Object.values(formatNames).join(', ')}.`;
    return { ...said, bytes: bytes.length, problem: { kind: 'not_a_picture', reason } };
  }
  const { sha256 } = await putBlob(store, bytes);
  return { ...said, bytes: bytes.length, sha256 };
}

async function readParts(
  store: Store,
  folder: string,
): Promise<{ readonly files: readonly Collected[]; readonly next: number }> {
  const files: Collected[] = [];
  let next = 0;
  for await (const part of store.list(`${folder}/part-`)) {
    files.push(...decodeLines(await store.read(part), collectedSchema, part));
    next = Math.max(next, Number(/(\d+)\.jsonl$/.exec(part)?.[1] ?? 0) + 1);
  }
  return { files, next };
}

/** One a source: its URI may hold characters that a key may not. */
function latestKey(name: string, uri: string): string {
  return `datasets/${name}/sources/${digestOf(uri).slice(0, 16)}.json`;
}

/** What the source held when it was read last. That it is gone or damaged costs time and nothing else. */
async function latestFiles(store: Store, name: string, uri: string): Promise<Collected[]> {
  const key = latestKey(name, uri);
  const found = await store.readVersioned(key);
  if (found === undefined) return [];
  try {
    return await readFiles(store, parseDocument(found.bytes, refSchema<'files'>(), key));
  } catch (error) {
    if (error instanceof Failure && error.type === 'storage-unavailable') throw error;
    return [];
  }
}
