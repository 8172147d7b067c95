/** Opaque; equal for two reads exactly where nothing was written between them. */
export type Generation = string;

export interface Versioned {
  readonly bytes: Buffer;
  readonly generation: Generation;
}

/** A key, and how many bytes lie under it. */
export interface SizedKey {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Bytes under keys: a folder or a bucket, with the same promises, held to them by one contract suite
 * (`tests/integration/storage.test.ts`). Keys are relative paths with forward slashes: no empty, `.` or
 * `..` segment, no leading slash, no backslash or control character; anything else is refused with
 * `path-refused`. Every write is atomic: a reader sees all of it or none, whatever is killed.
 *
 * A key is moved either by {@link Store.compareAndSwap} alone or by the other writers alone.
 */
export interface Store {
  /** Where this store is, for people: `/home/ada/pets/.drover/store` or `gs://bucket/prefix`. */
  readonly location: string;
  /** @throws Failure `not-found`; `storage-unavailable` after retries. */
  read(key: string): Promise<Buffer>;
  /** The bytes with their generation, or undefined where there is no such key. */
  readVersioned(key: string): Promise<Versioned | undefined>;
  exists(key: string): Promise<boolean>;
  /** How many bytes lie under a key, without reading them; undefined where there is no such key. */
  size(key: string): Promise<number | undefined>;
  /** Replaces what was there. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Writes only where there is nothing: of many at once exactly one gets true. */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * Writes only where the key's generation is still `expected` (undefined: where there is nothing).
   * @returns the new generation, or undefined where another writer was faster.
   */
  compareAndSwap(
    key: string,
    bytes: Uint8Array,
    expected: Generation | undefined,
  ): Promise<Generation | undefined>;
  /** Every key that begins with `prefix`, in no promised order. Temporary files never show. */
  list(prefix: string): AsyncIterable<string>;
  /** As {@link Store.list}, with sizes: a bucket's listing tells them, so that none is asked for by itself. */
  listSizes(prefix: string): AsyncIterable<SizedKey>;
  /** Does nothing where there is no such key. */
  remove(key: string): Promise<void>;
}
