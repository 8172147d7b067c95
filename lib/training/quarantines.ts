import { z } from 'zod';
import { parseDocument, putJson } from '../storage/refs';
import type { Store } from '../storage/store';
import type { Quarantine } from './worker-health';

const prefix = 'workers/quarantined/';

const quarantineSchema = z.strictObject({ worker: z.string(), until: z.int(), reason: z.string() });

function keyOf(worker: string): string {
  return `${prefix}${encodeURIComponent(worker).replaceAll('.', '%2E')}.json`;
}

/** Writes that a worker rests, for everybody to see; or, with undefined, that it works again. */
export async function writeQuarantine(
  store: Store,
  worker: string,
  quarantine: Quarantine | undefined,
): Promise<void> {
  if (quarantine) await putJson(store, keyOf(worker), quarantine);
  else await store.remove(keyOf(worker));
}

/** The workers that rest now. One that was ended in quarantine is forgotten once its time is over. */
export async function readQuarantines(store: Store, now: number): Promise<readonly Quarantine[]> {
  const found: Quarantine[] = [];
  for await (const key of store.list(prefix)) {
    const kept = await store.readVersioned(key);
    if (!kept) continue;
    const quarantine = parseDocument(kept.bytes, quarantineSchema, key);
    if (quarantine.until > now) found.push(quarantine);
  }
  return found;
}
