import { z } from 'zod';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type Ref } from '../../contracts/refs';
import { examinedSchema, type Collected, type Examined } from '../../contracts/schemas/dataset';
import { sha256Schema } from '../../contracts/schemas/documents';
import { decoderVersion } from '../images/decoder-version';
import { examinePicture } from '../images/examine';
import { decodeLines, encodeLines } from '../storage/json-lines';
import { blobKey, digestOf, putJson, readJson, readRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { readAdditions } from './additions';
import { chunked } from './chunks';
import { mapConcurrently } from './concurrently';

/** A change of this number says that the same picture may have other facts than before. */
const revision = 1;

/** What decides the facts that are found of a picture. */
export const examinerVersion = `${revision} ${decoderVersion}`;

/** Pictures under way at once: enough to keep all cores decoding, few enough for any memory. */
const concurrency = 6;

/** Some hundred pictures that one activity looks at: their digests. */
export type ChunkRef = Ref<'chunk'>;

export interface Chunk {
  readonly chunk: ChunkRef;
  readonly count: number;
}

const chunkSchema = z.array(sha256Schema);

/** What is known of a dataset's pictures, by one version of the examination: in parts that are only added to. */
function knowledgeFolder(name: string): string {
  return `datasets/${name}/examined/${digestOf(examinerVersion).slice(0, 16)}`;
}

/**
 * Divides what nobody has examined yet, of some files and of what reviews have added to the dataset; a picture that is known from an
 * earlier version is not in it.
 */
export async function planExamination(
  store: Store,
  name: string,
  files: readonly Pick<Collected, 'sha256'>[],
): Promise<Chunk[]> {
  const known = await readExamined(store, name);
  const added = await readAdditions(store, name);
  const wanted = new Set(
    [...files, ...added].flatMap(({ sha256 }) => (sha256 !== undefined ? [sha256] : [])),
  );
  const missing = [...wanted].filter((sha256) => !known.has(sha256)).sort();
  return putChunks(store, knowledgeFolder(name), missing);
}

/**
 * Writes lists of digests, by which activities are told what to do: a history can't hold them.
 *
 * @param size - digests a list, where that does not make too many lists
 */
export async function putChunks(
  store: Store,
  folder: string,
  digests: readonly string[],
  size?: number,
): Promise<Chunk[]> {
  return mapConcurrently(chunked(digests, size), 8, async (chunk) => {
    const key = `${folder}/chunk-${digestOf(chunk).slice(0, 32)}.json`;
    return { chunk: await putJson<'chunk'>(store, key, chunk), count: chunk.length };
  });
}

/** @throws Failure as `readRef` */
export async function readChunk(store: Store, chunk: ChunkRef): Promise<string[]> {
  return readJson(store, chunk, chunkSchema);
}

/**
 * Decodes one chunk's pictures, and keeps what was found out. Done again, it writes the same.
 *
 * @throws Failure `digest-mismatch`, `not-found`: a picture in the store is not what was collected; the
 *   signal's reason
 */
export async function examineChunk(options: {
  readonly store: Store;
  readonly name: string;
  readonly chunk: ChunkRef;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { store, name, chunk, onProgress, signal } = options;
  const digests = await readChunk(store, chunk);
  let done = 0;
  const examined = await mapConcurrently(
    digests,
    concurrency,
    async (sha256): Promise<Examined> => {
      const bytes = await readRef(store, { uri: storeUri(blobKey(sha256)), sha256 });
      const found = await examinePicture(bytes);
      done += 1;
      onProgress?.({ done, total: digests.length, unit: 'pictures' });
      return { sha256, ...found };
    },
    signal,
  );
  const part = `${knowledgeFolder(name)}/part-${digestOf(digests).slice(0, 32)}.jsonl`;
  await store.write(part, encodeLines(examined));
}

/** Everything that is known of a dataset's pictures, by digest. */
export async function readExamined(store: Store, name: string): Promise<Map<string, Examined>> {
  const parts: string[] = [];
  for await (const part of store.list(`${knowledgeFolder(name)}/part-`)) parts.push(part);
  const lists = await mapConcurrently(parts.sort(), 8, async (part) =>
    decodeLines(await store.read(part), examinedSchema, part),
  );
  return new Map(lists.flat().map((examined) => [examined.sha256, examined]));
}
