import { storeKey, type Ref } from '../../../contracts/refs';
import { collectedSchema, examinedSchema, type Collected } from '../../../contracts/schemas/dataset';
import { refSchema } from '../../../contracts/schemas/documents';
import { decodeLines, encodeLines, readLines } from '../../storage/json-lines';
import { parseDocument, sha256 } from '../../storage/refs';
import type { SizedKey, Store } from '../../storage/store';
import type { Kept } from './keep';

/** What a source held when it was read last, less the files whose pictures go: those are read again. */
export interface ShorterListing {
  /** `datasets/<name>/sources/<source>.json`, which names the listing. */
  readonly pointer: string;
  /** Where it is written: named for what is in it, so that a cleaning that was killed is taken up. */
  readonly to: string;
  readonly lines: Buffer;
}

/** All that goes, in the order in which it goes: at every moment nothing that stays names what has gone. */
export interface Cleaning {
  readonly memos: readonly SizedKey[];
  /** By dataset, versions that leave its history. */
  readonly histories: ReadonlyMap<string, ReadonlySet<string>>;
  /** Prepared sets that nothing names, each whole folder. */
  readonly preparedSets: readonly SizedKey[];
  /** Folders of dataset versions: manifest, findings, cards. */
  readonly versions: readonly SizedKey[];
  readonly pointers: readonly SizedKey[];
  readonly shorterListings: readonly ShorterListing[];
  /** What sources held, how far readings of them were, and what was found where a dataset was refused. */
  readonly listings: readonly SizedKey[];
  /** Lists of work, and what was found out of pictures that have gone. */
  readonly examinations: readonly SizedKey[];
  readonly parts: readonly SizedKey[];
  readonly shards: readonly SizedKey[];
  readonly pictures: readonly SizedKey[];
}

/** What is told while a store is looked through, which takes minutes where it holds millions of objects. */
export interface Looking {
  readonly onLook?: ((objects: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Objects of a store under a prefix, with their sizes. */
type Listing = (prefix: string) => AsyncIterable<SizedKey>;

/**
 * Sweeps what is not marked into lists; removes nothing. A key that it does not know stays.
 *
 * @throws what the store throws; Error where a part of an examination is of another version of Drover; the signal's reason
 */
export async function planCleaning(
  store: Store,
  kept: Kept,
  { onLook, signal }: Looking = {},
): Promise<Cleaning> {
  const live = new Set<string>();
  for (const of of kept.pictures.values()) for (const picture of of) live.add(picture);
  let looked = 0;
  const list: Listing = async function* (prefix) {
    for await (const object of store.listSizes(prefix)) {
      signal?.throwIfAborted();
      looked += 1;
      onLook?.(looked);
      yield object;
    }
  };
  return {
    memos: kept.staleMemos,
    histories: new Map(
      [...kept.removed]
        .filter(([, entries]) => entries.length > 0)
        .map(([name, entries]) => [name, new Set(entries.map(({ version }) => version))]),
    ),
    ...(await planDatasets(store, list, kept, live)),
    ...(await planPrepared(list, kept)),
    pictures: await unmarked(list('blobs/sha256/'), live),
  };
}

async function unmarked(pictures: AsyncIterable<SizedKey>, live: ReadonlySet<string>): Promise<SizedKey[]> {
  const found: SizedKey[] = [];
  for await (const picture of pictures) {
    if (!live.has(picture.key.slice(picture.key.lastIndexOf('/') + 1))) found.push(picture);
  }
  return found;
}

async function planDatasets(store: Store, list: Listing, kept: Kept, live: ReadonlySet<string>) {
  const versions: SizedKey[] = [];
  const pointers: SizedKey[] = [];
  const shorterListings: ShorterListing[] = [];
  const examinations: SizedKey[] = [];
  const listings: SizedKey[] = [];
  const named = new Set<string>();
  for await (const object of list('datasets/')) {
    const { key } = object;
    const [, name = '', room = '', rest = ''] = /^datasets\/([^/]+)\/([^/]+)\/(.+)$/.exec(key) ?? [];
    if (/^[0-9a-f]{64}$/.test(room)) {
      if (!kept.versions.has(`datasets/${name}/${room}`)) versions.push(object);
    } else if (room === 'sources') {
      const listing = await readListing(store, key);
      const stay = listing?.files.filter(({ sha256 }) => sha256 === undefined || live.has(sha256)) ?? [];
      if (listing === undefined || stay.every(({ sha256 }) => sha256 === undefined)) pointers.push(object);
      else if (stay.length < listing.files.length) shorterListings.push(shorterListing(key, name, stay));
      else named.add(listing.key);
    } else if (room === 'collected' || room === 'refused') {
      listings.push(object);
    } else if (room === 'examined') {
      const pictures = kept.pictures.get(name) ?? new Set();
      if (!(await isExaminationOf(store, key, rest, pictures))) examinations.push(object);
    }
  }
  for (const { to } of shorterListings) named.add(to);
  return {
    versions,
    ...{ pointers, shorterListings, examinations },
    listings: listings.filter(({ key }) => !named.has(key)),
  };
}

function shorterListing(pointer: string, name: string, files: readonly Collected[]): ShorterListing {
  const lines = encodeLines(files);
  return { pointer, lines, to: `datasets/${name}/collected/kept-${sha256(lines).slice(0, 32)}/files.jsonl` };
}

/** What a pointer leads to; undefined where that is damaged or gone, which costs a reading and nothing else. */
async function readListing(
  store: Store,
  pointer: string,
): Promise<{ readonly key: string; readonly files: Collected[] } | undefined> {
  const bytes = await store.read(pointer);
  try {
    const ref: Ref = parseDocument(bytes, refSchema<'files'>(), pointer);
    return { key: storeKey(ref.uri) ?? '', files: await readLines(store, ref, collectedSchema) };
  } catch {
    return undefined;
  }
}

async function isExaminationOf(
  store: Store,
  key: string,
  rest: string,
  pictures: ReadonlySet<string>,
): Promise<boolean> {
  if (!rest.includes('/part-')) return false;
  const examined = decodeLines(await store.read(key), examinedSchema, key);
  return examined.some(({ sha256 }) => pictures.has(sha256));
}

async function planPrepared(list: Listing, { prepared, shards: kept }: Kept) {
  const preparedSets: SizedKey[] = [];
  const parts: SizedKey[] = [];
  const shards: SizedKey[] = [];
  for await (const object of list('prepared/')) {
    const { key } = object;
    const [, set] = /^prepared\/([0-9a-f]{64})\//.exec(key) ?? [];
    const pool = /^prepared\/pools\/[^/]+\/[^/]+\/(?:(part)|(shard)|chunk)-[^/]+$/.exec(key);
    if (set !== undefined) {
      if (!prepared.has(`prepared/${set}/index.json`) && !kept.has(key)) preparedSets.push(object);
    } else if (pool?.[1] !== undefined) {
      const shard = key.replace(/part-([^/]+)\.json$/, 'shard-$1.bin');
      if (!kept.has(shard)) parts.push(object);
    } else if (pool?.[2] !== undefined) {
      if (!kept.has(key)) shards.push(object);
    } else if (pool) {
      parts.push(object);
    }
  }
  return { preparedSets, parts, shards };
}
