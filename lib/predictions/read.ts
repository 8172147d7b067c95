import { Failure } from '../../contracts/failures';
import {
  type KeptFeedback,
  keptFeedbackSchema,
  type KeptPrediction,
  keptPredictionSchema,
} from '../../contracts/schemas/kept-predictions';
import { decodeLines } from '../storage/json-lines';
import type { Parser } from '../storage/refs';
import type { Store } from '../storage/store';
import { type BatchPart, batchKey, dayMs, dayOf, hourMs, predictionsPrefix, readBatchKey } from './keys';
import { createPictureReader } from './read-picture';

/** When predictions were made. */
export interface PredictionWindow {
  /** From this time on, milliseconds since 1970; from the first on where it is left out. */
  readonly since?: number;
  /** Before this time; up to now where it is left out. */
  readonly until?: number;
}

export interface PredictionWish extends PredictionWindow {
  /** Only those that somebody said something of; where nobody said anything of any, no prediction is read at all. */
  readonly labelled?: boolean;
}

/** A prediction that was kept, with what was said of it. */
export interface ReadPrediction {
  readonly record: KeptPrediction;
  /** The oldest first; that it comes later than the window ends plays no part. */
  readonly feedback: readonly KeptFeedback[];
  /** The true class, as the last to speak of it has it; undefined where nobody did. */
  readonly label: string | undefined;
  /** Whether not all of the feedback says the same. */
  readonly disputed: boolean;
  /**
   * The picture, or undefined where none was kept. Cheap where predictions are asked in the order in which they come.
   * @throws Failure `digest-mismatch`; `not-found` where its archive is gone; `storage-unavailable`
   */
  picture(): Promise<Buffer | undefined>;
}

interface Batch {
  readonly hour: number;
  readonly id: string;
}

/** Days that are listed one by one; of a longer window, everything is listed. */
const mostDaysListed = 400;

/**
 * Kept predictions of a time window, hour by hour; within an hour, in no promised order. One whose answer was computed twice comes
 * once. What is in a spool is not in the store yet: half a minute and more, where the store was away.
 *
 * @throws Failure `storage-unavailable`; Error where an object was written by another version
 */
export async function* readPredictions(
  store: Store,
  { since = 0, until = Date.now(), labelled = false }: PredictionWish = {},
): AsyncIterable<ReadPrediction> {
  const feedback = await readFeedback(store, since);
  if (labelled && feedback.size === 0) return;
  const pictureOf = createPictureReader(store);
  const seen = new SeenIds();
  for (const batch of await batchesOf(store, 'predictions', since, until)) {
    const key = batchKey(batch.hour, batch.id, 'predictions');
    for (const record of await readLinesOf(store, key, keptPredictionSchema)) {
      const at = Date.parse(record.at);
      if (at < since || at >= until || (labelled && !feedback.has(record.id))) continue;
      if (seen.has(record.id, batch.hour)) continue;
      const said = feedback.get(record.id) ?? [];
      yield {
        ...{ record, feedback: said, label: said.at(-1)?.label },
        disputed: new Set(said.map(({ label }) => label)).size > 1,
        picture: () => pictureOf(batchKey(batch.hour, batch.id, 'pictures'), record.picture),
      };
    }
  }
}

/** By the ids of predictions. Feedback comes after what it is about, so that none of before `since` is needed. */
async function readFeedback(store: Store, since: number): Promise<ReadonlyMap<string, KeptFeedback[]>> {
  const found = new Map<string, KeptFeedback[]>();
  for (const { hour, id } of await batchesOf(store, 'feedback', since, Infinity)) {
    for (const record of await readLinesOf(store, batchKey(hour, id, 'feedback'), keptFeedbackSchema)) {
      const said = found.get(record.id);
      if (said === undefined) found.set(record.id, [record]);
      else said.push(record);
    }
  }
  for (const said of found.values()) said.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return found;
}

/** A batch's hour is that of its segments, which begin up to seconds before their last record; and a clock may be put right. */
const slackMs = hourMs;

/** Batches that may hold records of a window, the oldest hour first. */
async function batchesOf(store: Store, part: BatchPart, since: number, until: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  const from = since - slackMs - hourMs;
  const to = until + slackMs;
  for (const prefix of prefixesOf(from, Math.min(to, Date.now() + dayMs))) {
    for await (const key of store.list(prefix)) {
      const batch = readBatchKey(key);
      if (batch?.part === part && batch.hour >= from && batch.hour <= to) batches.push(batch);
    }
  }
  return batches.sort((a, b) => a.hour - b.hour || (a.id < b.id ? -1 : 1));
}

function prefixesOf(from: number, to: number): string[] {
  const days = Math.floor(to / dayMs) - Math.floor(from / dayMs) + 1;
  if (days > mostDaysListed) return [predictionsPrefix];
  return Array.from(
    { length: Math.max(0, days) },
    (_, day) => `${predictionsPrefix}${dayOf(from + day * dayMs)}/`,
  );
}

/** Nothing where the object is gone: what is old is removed, also while it is read. */
async function readLinesOf<T>(store: Store, key: string, schema: Parser<T>): Promise<T[]> {
  try {
    return decodeLines(await store.read(key), schema, key);
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return [];
    throw error;
  }
}

/** An answer is computed again within seconds, if at all: ids of the last hours are enough to know it by. */
class SeenIds {
  #hour = -Infinity;
  #now = new Set<string>();
  #before = new Set<string>();

  /** Whether the id was asked for before; from now on it was. */
  has(id: string, hour: number): boolean {
    if (hour !== this.#hour) {
      this.#before = this.#now;
      this.#now = new Set();
      this.#hour = hour;
    }
    if (this.#now.has(id) || this.#before.has(id)) return true;
    this.#now.add(id);
    return false;
  }
}
