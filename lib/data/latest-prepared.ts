import type { PreparedRef } from '../../contracts/refs';
import { refSchema } from '../../contracts/schemas/documents';
import { parseDocument, putJson } from '../storage/refs';
import type { Store } from '../storage/store';

const key = 'prepared/latest.json';

/** The prepared set that was made last: what a sweep or training stands on where none is named. */
export async function latestPrepared(store: Store): Promise<PreparedRef | undefined> {
  const found = await store.readVersioned(key);
  return found && parseDocument(found.bytes, refSchema<'prepared'>(), key);
}

export async function rememberPrepared(store: Store, prepared: PreparedRef): Promise<void> {
  await putJson(store, key, prepared);
}
