import { storeKey, type Ref } from '../../contracts/refs';
import { readRemoved } from '../data/cleaning/removed';
import { eachConcurrently } from '../data/concurrently';
import { sha256 } from '../storage/refs';
import type { SizedKey, Store } from '../storage/store';
import { readFormat, storeFormat } from '../storage/store-format';
import { checkRegistry } from './check-registry';
import { refsIn } from './refs-in';
import type { StoreProblem } from './store-problem';

export interface StoreReport {
  /** 0: of version 0.1.0; undefined: the store is empty. */
  readonly format: number | undefined;
  readonly objects: number;
  readonly bytes: number;
  /** That documents hold; the same one in two documents counts twice. */
  readonly refs: number;
  readonly problems: readonly StoreProblem[];
  /** What is as it may be, and worth knowing. */
  readonly notes: readonly string[];
}

export interface StoreCheck {
  /** Only what documents name, and not whether its bytes are what they were. */
  readonly quick?: boolean;
  readonly onProgress?: (objects: number) => void;
  readonly signal?: AbortSignal;
}

/** What may name things that are gone: it is asked for, and made again where it is. */
const forgetful = /^(cache|under-way|prepared\/latest)/;

/** What a dataset's history names is never removed on purpose: it loses a version before that goes. */
const history = /^datasets\/[^/]+\/history\.json$/;

const mostNamed = 5;

/** A bucket takes some tens of milliseconds to answer; more would be more models in memory at once. */
const readsAtOnce = 8;

/**
 * Reads a whole store and says what is not as it must be: pictures whose bytes are not their digest's, refs that lead nowhere or to
 * other bytes, documents that are cut off, versions that are not whole, aliases that no recorded step explains. It changes nothing, and
 * neither what is written meanwhile is a problem, nor what a cleaning has removed on purpose.
 *
 * @throws Failure `storage-unavailable`, `store-too-new`; the signal's reason
 */
export async function checkStore(
  store: Store,
  { quick, onProgress, signal }: StoreCheck = {},
): Promise<StoreReport> {
  const problems: StoreProblem[] = [];
  const notes: string[] = [];
  const format = await readFormat(store);
  if (format !== undefined && format < storeFormat) {
    notes.push(
      `The store has format ${format}; this version writes ${storeFormat}: npx drover store migrate.`,
    );
  }
  const wanted = new Map<string, { readonly digest: string; readonly by: string }[]>();
  const digests = new Map<string, string>();
  const inHistories = new Set<string>();
  let [objects, bytes, refs] = [0, 0, 0];

  const want = (by: string, { uri, sha256: digest }: Ref): void => {
    const key = storeKey(uri);
    if (key === undefined || forgetful.test(by)) return;
    refs += 1;
    if (history.test(by)) inHistories.add(key);
    const others = wanted.get(key) ?? [];
    if (!others.some((other) => other.digest === digest)) wanted.set(key, [...others, { digest, by }]);
  };

  const read = async ({ key, bytes: size }: SizedKey): Promise<void> => {
    objects += 1;
    if (objects % 100 === 0) onProgress?.(objects);
    const isDocument = /\.jsonl?$/.test(key);
    if (quick === true && !isDocument) {
      bytes += size;
      digests.set(key, '');
      return;
    }
    const found = await store.readVersioned(key);
    // It was removed since it was listed.
    if (found === undefined) return;
    bytes += found.bytes.length;
    const digest = sha256(found.bytes);
    digests.set(key, digest);
    const named = /^blobs\/sha256\/..\/([0-9a-f]{64})$/.exec(key)?.[1];
    if (named !== undefined && named !== digest) {
      problems.push({
        ...{ kind: 'damaged', key },
        what: `its bytes have the SHA-256 ${digest}, which is not its name`,
      });
    }
    if (!isDocument) return;
    const inside = refsIn(key, found.bytes);
    if (inside === undefined) problems.push({ kind: 'unreadable', key, what: 'it is not whole JSON' });
    for (const ref of inside ?? []) want(key, ref);
  };
  await eachConcurrently(store.listSizes(''), readsAtOnce, read, signal);

  const ofRefs: StoreProblem[] = [];
  for (const [key, expected] of wanted) {
    signal?.throwIfAborted();
    for (const { digest, by } of expected) {
      ofRefs.push(...(await problemOf(store, key, digest, by, digests.get(key))));
    }
  }
  // Read last: a cleaning notes what it removes before it does.
  const removed = await readRemoved(store);
  const onPurpose = new Set<string>();
  for (const problem of ofRefs) {
    const { kind, key } = problem;
    if (kind === 'missing' && removed.has(key) && !inHistories.has(key)) onPurpose.add(key);
    else problems.push(problem);
  }
  if (onPurpose.size > 0) notes.push(noteRemoved([...onPurpose]));
  problems.push(...(await checkRegistry(store, (note) => notes.push(note))));
  return { format, objects, bytes, refs, problems, notes };
}

function noteRemoved(keys: readonly string[]): string {
  const more = keys.length > mostNamed ? ` and ${keys.length - mostNamed} more` : '';
  return (
    `Removed on purpose (drover data gc), and still named by what was made of it: ` +
    `${keys.slice(0, mostNamed).join(', ')}${more}.`
  );
}

/** @param known - of the listing: undefined where it was not in it, '' where it was not read */
async function problemOf(
  store: Store,
  key: string,
  digest: string,
  by: string,
  known: string | undefined,
): Promise<StoreProblem[]> {
  if (known === digest || known === '') return [];
  // Written after the listing had passed it, or replaced since by what the document was written for.
  const now = await store.readVersioned(key);
  if (now === undefined) return [{ kind: 'missing', key, what: `${by} names it` }];
  if (sha256(now.bytes) === digest) return [];
  return [{ kind: 'damaged', key, what: `its bytes are not those that ${by} was written for` }];
}
