import { z } from 'zod';
import { sha256Schema, splitNames, type SplitName } from '../../contracts/schemas/documents';
import type { Split } from '../../contracts/schemas/pipeline';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

/**
 * Which picture has ever been in which split of a dataset, moved by compare-and-swap: a picture keeps its
 * split for ever, also when it went and comes again. Another seed or other shares begin anew.
 */
const assignmentsSchema = z.strictObject({
  train: z.array(sha256Schema),
  validation: z.array(sha256Schema),
  test: z.array(sha256Schema),
});

/**
 * Assigns splits, knowing those of before, and remembers the new ones. Where another ingest of the same dataset was
 * faster, `assign` is asked again, so that both agree on every picture.
 *
 * @param assign - pure: what it was given decides what it gives
 */
export async function withAssignments<T extends { readonly assigned: ReadonlyMap<string, SplitName> }>(
  store: Store,
  name: string,
  split: Split,
  assign: (known: ReadonlyMap<string, SplitName>) => T,
): Promise<T> {
  const key = `datasets/${name}/splits/${digestOf(split).slice(0, 16)}.json`;
  for (;;) {
    const found = await store.readVersioned(key);
    const kept = found && parseDocument(found.bytes, assignmentsSchema, key);
    const known = new Map<string, SplitName>(
      splitNames.flatMap((name) => (kept?.[name] ?? []).map((sha256) => [sha256, name] as const)),
    );
    const result = assign(known);
    const all = new Map([...known, ...result.assigned]);
    const isSame = all.size === known.size && [...all].every(([sha256, name]) => known.get(sha256) === name);
    if (isSame) return result;
    const lists = { train: [] as string[], validation: [] as string[], test: [] as string[] };
    for (const [sha256, name] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) lists[name].push(sha256);
    const moved = await store.compareAndSwap(key, Buffer.from(canonicalJson(lists)), found?.generation);
    if (moved !== undefined) return result;
  }
}

/** The split that each picture of a dataset was ever put into, by its digest; of several divisions, the one that guards it most. */
export async function everAssigned(store: Store, name: string): Promise<ReadonlyMap<string, SplitName>> {
  const found = new Map<string, SplitName>();
  for await (const key of store.list(`datasets/${name}/splits/`)) {
    const bytes = (await store.readVersioned(key))?.bytes;
    if (bytes === undefined || !key.endsWith('.json')) continue;
    const lists = parseDocument(bytes, assignmentsSchema, key);
    for (const split of splitNames) {
      for (const sha256 of lists[split]) {
        if (split !== 'train' || !found.has(sha256)) found.set(sha256, split);
      }
    }
  }
  return found;
}
