import { z } from 'zod';
import { sha256Schema } from '../../contracts/schemas/documents';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

const claimsSchema = z.strictObject({
  claims: z.array(z.strictObject({ version: sha256Schema, by: z.string(), at: z.iso.datetime() })),
});

/**
 * Claims a dataset version for one starter of a pipeline: of many who see it, one gets it, once and for all.
 *
 * @param claim.by - who claims; the same one asking again, after its answer was lost, gets the same answer
 * @returns whether it is theirs
 */
export async function claimVersion(
  store: Store,
  claim: { readonly name: string; readonly version: string; readonly by: string; readonly at: string },
): Promise<boolean> {
  const { name, version, by, at } = claim;
  const key = `datasets/${name}/claims.json`;
  for (;;) {
    const found = await store.readVersioned(key);
    const claims = found ? parseDocument(found.bytes, claimsSchema, key).claims : [];
    const claimed = claims.find((other) => other.version === version);
    if (claimed !== undefined) return claimed.by === by;
    const next = Buffer.from(canonicalJson({ claims: [...claims, { version, by, at }] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return true;
  }
}
