import type { ZodType } from 'zod';
import { Failure } from '../../contracts/failures';
import { followUpSchema, lookSchema, type FollowUp, type Look } from '../../contracts/schemas/monitor';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import {
  followUpKey,
  latestFollowUpKey,
  latestKey,
  lookKey,
  lookOf,
  looksPrefix,
  parseLookKey,
} from './keys';

/** Writes a look, and makes it the latest unless it is a dry run, or a later one is that already. */
export async function writeLook(store: Store, look: Look): Promise<void> {
  const bytes = Buffer.from(canonicalJson(look));
  await store.write(lookKey(look.model, look.id), bytes);
  if (look.dryRun) return;
  await makeLatest(store, latestKey(look.model), bytes, lookSchema, (before) => before.at > look.at);
}

async function makeLatest<T>(
  store: Store,
  key: string,
  bytes: Uint8Array,
  schema: ZodType<T>,
  isLater: (before: T) => boolean,
): Promise<void> {
  for (;;) {
    const found = await store.readVersioned(key);
    // Of another version of Drover, it is overwritten.
    const before = found && tryParse(found.bytes, schema);
    if (before !== undefined && isLater(before)) return;
    if ((await store.compareAndSwap(key, bytes, found?.generation)) !== undefined) return;
  }
}

function tryParse<T>(bytes: Uint8Array, schema: ZodType<T>): T | undefined {
  try {
    return parseDocument(bytes, schema, 'latest');
  } catch {
    return undefined;
  }
}

/** @throws Failure `not-found` */
export async function readLook(store: Store, model: string, id: string): Promise<Look> {
  const key = lookKey(model, id);
  try {
    return parseDocument(await store.read(key), lookSchema, key);
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== 'not-found') throw error;
    throw new Failure(
      'not-found',
      `There is no look ${id} of ${model} in ${store.location}. npx drover monitor list has those there are.`,
      { cause: error },
    );
  }
}

/** The newest look that was no dry run; undefined where nobody has looked yet. */
export async function latestLook(store: Store, model: string): Promise<Look | undefined> {
  const found = await store.readVersioned(latestKey(model));
  return found && parseDocument(found.bytes, lookSchema, latestKey(model));
}

/** Ids of a model's looks, the newest first. */
export async function lookIds(store: Store, model: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const key of store.list(looksPrefix(model))) {
    const id = parseLookKey(key);
    if (id !== undefined) ids.push(id);
  }
  // They begin with the time.
  return ids.sort((a, b) => (a < b ? 1 : -1));
}

/**
 * Writes what follows a look, by its workflow alone, one write after the other; and makes it the latest unless that is of a later look: a
 * question about a version that was replaced since may still be open.
 */
export async function writeFollowUp(store: Store, record: FollowUp): Promise<void> {
  const bytes = Buffer.from(canonicalJson(record));
  await store.write(followUpKey(record.model, record.look), bytes);
  const key = latestFollowUpKey(record.model);
  // Looks' ids begin with the time.
  await makeLatest(store, key, bytes, followUpSchema, (before) => before.look > record.look);
}

/** What followed a look; undefined where nothing did. */
export async function readFollowUp(store: Store, model: string, id: string): Promise<FollowUp | undefined> {
  return read(store, followUpKey(model, id));
}

/** What followed the last look after which something did; undefined where nothing ever has. */
export async function latestFollowUp(store: Store, model: string): Promise<FollowUp | undefined> {
  return read(store, latestFollowUpKey(model));
}

/** What followed a look, else what an earlier one has begun: where it is still under way, or is why nothing follows this one. */
export async function standingFollowUp(store: Store, look: Look): Promise<FollowUp | undefined> {
  const { model, version, id, verdict, policy } = look;
  const own = await readFollowUp(store, model, id);
  if (own !== undefined) return own;
  const latest = await latestFollowUp(store, model);
  if (latest?.state === 'waiting' || latest?.state === 'starting') return latest;
  return verdict === 'drift' && policy !== 'alert' && latest?.version === version ? latest : undefined;
}

async function read(store: Store, key: string): Promise<FollowUp | undefined> {
  const found = await store.readVersioned(key);
  return found && parseDocument(found.bytes, followUpSchema, key);
}

/**
 * Removes the oldest looks but for so many.
 *
 * @returns how many were removed
 */
export async function pruneLooks(store: Store, model: string, keep: number): Promise<number> {
  const byLook = new Map<string, string[]>();
  for await (const key of store.list(looksPrefix(model))) {
    const id = lookOf(key);
    if (id !== undefined) byLook.set(id, [...(byLook.get(id) ?? []), key]);
  }
  const old = [...byLook].sort(([a], [b]) => (a < b ? 1 : -1)).slice(keep);
  for (const [, keys] of old) for (const key of keys) await store.remove(key);
  return old.length;
}
