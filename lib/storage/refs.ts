import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures';
import { storeKey, storeUri, type Ref } from '../../contracts/refs';
import { canonicalJson } from './canonical-json';
import { kindOfAddress } from './keys';
import type { Store } from './store';

/** Lower-case hexadecimal SHA-256, as every ref holds it. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The digest of a value's canonical JSON; that of the ref that {@link putJson} returns for it. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A zod schema, or anything else that checks a value and returns it typed. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/**
 * The key that a ref names.
 * @throws Failure `path-refused` where its URI is not `store://…`
 */
export function requireStoreKey(ref: Ref): string {
  const key = storeKey(ref.uri);
  if (key === undefined) {
    throw new Failure(
      'path-refused',
      `Found ${kindOfAddress(ref.uri)}, which is not in Drover's store; a URI beginning with store:// was expected.`,
    );
  }
  return key;
}

/** Writes bytes, in place of what was there, and says how to find and check them. */
export async function putRef<Kind extends string = string>(
  store: Store,
  key: string,
  bytes: Uint8Array,
): Promise<Ref<Kind>> {
  await store.write(key, bytes);
  return { uri: storeUri(key), sha256: sha256(bytes) };
}

/**
 * The bytes that a ref names, checked.
 * @throws Failure `digest-mismatch` where they are not those that were recorded; `not-found`; `path-refused`
 */
export async function readRef(store: Store, ref: Ref): Promise<Buffer> {
  const key = requireStoreKey(ref);
  const bytes = await store.read(key);
  const found = sha256(bytes);
  if (found !== ref.sha256) {
    throw new Failure(
      'digest-mismatch',
      `${key} in ${store.location} has the SHA-256 ${found}, but ${ref.sha256} was recorded: it was changed ` +
        'or damaged. Bring it back from a backup, or remove it and run the step that makes it again.',
    );
  }
  return bytes;
}

/** Writes a value as canonical JSON, so that equal values have equal refs under one key. */
export async function putJson<Kind extends string = string>(
  store: Store,
  key: string,
  value: unknown,
): Promise<Ref<Kind>> {
  return putRef<Kind>(store, key, Buffer.from(canonicalJson(value)));
}

/**
 * A document's value, parsed.
 * @param name - what to call it in the message
 * @throws Error where it is not JSON or not what `schema` describes: it was written by another version
 */
export function parseDocument<T>(bytes: Uint8Array, schema: Parser<T>, name: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new Error(
      `${name} is not a document of this version of Drover: it is damaged, or another version wrote it. Bring it back from a backup ` +
        '(docs/guides/backup.md); remove it only where a step makes it again.',
      { cause: error },
    );
  }
}

/**
 * The value that a ref names, checked and parsed.
 * @throws Failure as {@link readRef}; Error as {@link parseDocument}
 */
export async function readJson<T>(store: Store, ref: Ref, schema: Parser<T>): Promise<T> {
  return parseDocument(await readRef(store, ref), schema, requireStoreKey(ref));
}

/** Where bytes that are named by nothing but their digest lie. */
export function blobKey(digest: string): string {
  return `blobs/sha256/${digest.slice(0, 2)}/${digest}`;
}

/** Keeps bytes once, however often they are put. */
export async function putBlob(store: Store, bytes: Uint8Array): Promise<Ref<'blob'>> {
  const digest = sha256(bytes);
  const key = blobKey(digest);
  // Asking costs less than sending what is there already.
  if (!(await store.exists(key))) await store.create(key, bytes);
  return { uri: storeUri(key), sha256: digest };
}
