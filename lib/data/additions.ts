import { type Addition, additionsSchema } from '../../contracts/schemas/feedback';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { compareText } from './manifest';

/**
 * Pictures that became part of a dataset by reviewed feedback, beside its source: every ingest puts them into the training split, and
 * into no other. So what was learnt from users outlasts the next reading of the source.
 */
export function additionsKey(name: string): string {
  return `datasets/${name}/additions.json`;
}

/** Sorted by path; none where nothing was ever added. */
export async function readAdditions(store: Store, name: string): Promise<readonly Addition[]> {
  const key = additionsKey(name);
  const found = await store.readVersioned(key);
  return found === undefined ? [] : parseDocument(found.bytes, additionsSchema, key).additions;
}

/** What tells two states of the additions apart; undefined where there are none, so that keys of before there were any hold. */
export function digestOfAdditions(additions: readonly Addition[]): string | undefined {
  return additions.length === 0 ? undefined : digestOf(additions);
}

/**
 * Changes the additions, whoever else does at the same time.
 *
 * @param change - what they become, by what they are: asked again where another was faster
 * @returns what they are then
 */
export async function changeAdditions(
  store: Store,
  name: string,
  change: (before: readonly Addition[]) => readonly Addition[],
): Promise<readonly Addition[]> {
  const key = additionsKey(name);
  for (;;) {
    const found = await store.readVersioned(key);
    const before = found === undefined ? [] : parseDocument(found.bytes, additionsSchema, key).additions;
    const additions = [...change(before)].sort((a, b) => compareText(a.path, b.path));
    if (digestOf(additions) === digestOf(before)) return before;
    const next = Buffer.from(canonicalJson({ additions }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return additions;
  }
}
