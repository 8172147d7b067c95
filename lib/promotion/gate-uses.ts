import { setTimeout as sleep } from 'node:timers/promises';
import { gateUsesSchema, type GateUses } from '../../contracts/schemas/promotion';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { gateUsesKey } from './keys';

export type GateUse = GateUses['uses'][number];

const longestWaitMs = 200;

/**
 * Notes that a promotion looks at a test set: once, however often it is asked. What a test set says becomes less true with
 * every version that is chosen by it, so its uses are counted; a new dataset version begins at none.
 *
 * @param manifest - the digest of the dataset version
 * @returns which use it is, the first being 1
 */
export async function countGateUse(
  store: Store,
  model: string,
  manifest: string,
  use: GateUse,
): Promise<number> {
  const key = gateUsesKey(model, manifest);
  for (;;) {
    const found = await store.readVersioned(key);
    const uses = found === undefined ? [] : parseDocument(found.bytes, gateUsesSchema, key).uses;
    const at = uses.findIndex(({ promotion }) => promotion === use.promotion);
    if (at >= 0) return at + 1;
    const next = Buffer.from(canonicalJson({ uses: [...uses, use] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return uses.length + 1;
    // Another promotion was counted meanwhile, so all together always get on; waiting only saves requests.
    await sleep(Math.random() * longestWaitMs);
  }
}

/** The uses of a test set by one model's promotions, oldest first. */
export async function gateUses(store: Store, model: string, manifest: string): Promise<readonly GateUse[]> {
  const key = gateUsesKey(model, manifest);
  const found = await store.readVersioned(key);
  return found === undefined ? [] : parseDocument(found.bytes, gateUsesSchema, key).uses;
}
