import { Failure } from '../../contracts/failures';
import {
  type KeptFeedback,
  keptFeedbackSchema,
  type KeptPrediction,
  keptPredictionSchema,
} from '../../contracts/schemas/kept-predictions';
import { decodeLines, encodeLines } from '../storage/json-lines';
import type { Store } from '../storage/store';
import { type BatchKey, batchKey, predictionsPrefix, readBatchKey } from './keys';
import { pictureName } from './spool';
import { decodeTar, encodeTar } from './tar';

/** A kept prediction, and all that is kept with it. */
export interface KeptOne {
  readonly record: KeptPrediction;
  /** The oldest batch first. */
  readonly feedback: readonly KeptFeedback[];
  /** Other predictions of the very same picture, which keep it. */
  readonly others: readonly string[];
  /** Objects that name it. */
  readonly places: readonly BatchKey[];
}

/**
 * Finds one kept prediction by its id, which takes reading all records that are kept.
 *
 * @throws Failure `not-found`
 */
export async function findKept(store: Store, id: string): Promise<KeptOne> {
  const places: BatchKey[] = [];
  const feedback: KeptFeedback[] = [];
  const byPicture = new Map<string, string[]>();
  let record: KeptPrediction | undefined;
  for (const key of await batchKeys(store)) {
    const name = batchKey(key.hour, key.id, key.part);
    const bytes = (await store.readVersioned(name))?.bytes;
    if (bytes === undefined) continue;
    if (key.part === 'feedback') {
      const said = decodeLines(bytes, keptFeedbackSchema, name).filter((each) => each.id === id);
      feedback.push(...said);
      if (said.length > 0) places.push(key);
      continue;
    }
    for (const kept of decodeLines(bytes, keptPredictionSchema, name)) {
      if (kept.id === id) {
        record = kept;
        places.push(key);
      } else if (kept.picture !== undefined) {
        const same = byPicture.get(kept.picture.sha256);
        if (same === undefined) byPicture.set(kept.picture.sha256, [kept.id]);
        else same.push(kept.id);
      }
    }
  }
  if (record === undefined) {
    throw new Failure(
      'not-found',
      `No prediction ${id} is kept in ${store.location}. What was answered in the last half minute may not be there yet; ` +
        'npx drover predictions list shows what is.',
    );
  }
  const others = record.picture === undefined ? [] : (byPicture.get(record.picture.sha256) ?? []);
  return { record, feedback, others: [...new Set(others)], places };
}

async function batchKeys(store: Store): Promise<BatchKey[]> {
  const keys: BatchKey[] = [];
  for await (const name of store.list(predictionsPrefix)) {
    const key = readBatchKey(name);
    if (key !== undefined && key.part !== 'pictures') keys.push(key);
  }
  return keys.sort((a, b) => a.hour - b.hour);
}

/**
 * Removes a prediction with its picture and what was said of it. The record itself goes last, so that what a kill leaves half done can be
 * found, and done again.
 */
export async function removeKept(store: Store, { record: { id }, places }: KeptOne): Promise<void> {
  const ofPart = (part: BatchKey['part']) => places.filter((place) => place.part === part);
  for (const { hour, id: batch } of ofPart('predictions')) await removePicture(store, hour, batch, id);
  for (const { hour, id: batch } of ofPart('feedback')) {
    const name = batchKey(hour, batch, 'feedback');
    const lines = decodeLines(await store.read(name), keptFeedbackSchema, name);
    await put(
      store,
      name,
      lines.filter((each) => each.id !== id),
    );
  }
  for (const { hour, id: batch } of ofPart('predictions')) {
    const name = batchKey(hour, batch, 'predictions');
    const lines = decodeLines(await store.read(name), keptPredictionSchema, name);
    await put(
      store,
      name,
      lines.filter((each) => each.id !== id),
    );
  }
}

async function put(store: Store, name: string, lines: readonly unknown[]): Promise<void> {
  if (lines.length > 0) await store.write(name, encodeLines(lines));
  else await store.remove(name);
}

/** Of the same batch, another prediction may have the same picture. */
async function removePicture(store: Store, hour: number, batch: string, id: string): Promise<void> {
  const name = batchKey(hour, batch, 'predictions');
  const lines = decodeLines(await store.read(name), keptPredictionSchema, name);
  const picture = lines.find((each) => each.id === id)?.picture;
  if (picture === undefined) return;
  if (lines.some((each) => each.id !== id && each.picture?.sha256 === picture.sha256)) return;
  const archive = batchKey(hour, batch, 'pictures');
  const found = await store.readVersioned(archive);
  if (found === undefined) return;
  const files = decodeTar(found.bytes);
  files.delete(pictureName(picture));
  if (files.size > 0) await store.write(archive, encodeTar(files));
  else await store.remove(archive);
}
