import type { PreparedRef } from '../../contracts/refs';
import { preparedIndexSchema, type PreparedIndex, type SplitName } from '../../contracts/schemas/documents';
import { channelsOf } from '../../contracts/schemas/preprocessing';
import { readJson, readRef } from '../storage/refs';
import type { Store } from '../storage/store';

/** One split, in memory. */
export interface LoadedSplit {
  readonly count: number;
  /** `[count, height, width, channels]`, each value in [0, 255]. */
  readonly images: Uint8Array;
  /** `[count]`: indices into the index's `classes`. */
  readonly labels: Int32Array;
  /** `[count]`: the SHA-256 of each picture's own bytes. */
  readonly pictures: readonly string[];
}

export interface PreparedSet {
  readonly ref: PreparedRef;
  readonly index: PreparedIndex;
  /** Bytes of one picture: height × width × channels. */
  readonly recordBytes: number;
  /** How many pictures a split has; reads nothing. */
  count(split: SplitName): number;
  /**
   * All pictures of a split, in the order of the index.
   * @param onShard - hears of every shard that was read; what it throws ends the reading
   * @throws Failure `digest-mismatch` where a shard is not what was written; `not-found`.
   */
  load(split: SplitName, onShard?: () => void): Promise<LoadedSplit>;
}

/**
 * Opens a prepared set. Nothing of it is trusted before its digest was compared.
 *
 * @throws Failure `digest-mismatch`, `not-found`; Error where the index is of another version of Drover.
 */
export async function openPrepared(store: Store, ref: PreparedRef): Promise<PreparedSet> {
  const index = await readJson(store, ref, preparedIndexSchema);
  const { size } = index.preprocessing;
  const recordBytes = size * size * channelsOf(index.preprocessing);
  const records = index.shards.reduce((sum, shard) => sum + shard.count, 0);
  if ([index.pictures, index.labels, index.splits].some((column) => column.length !== records)) {
    throw new Error(`${ref.uri} is not whole: its shards and columns differ in length. Prepare it again.`);
  }

  const count = (split: SplitName) => index.splits.filter((name) => name === split).length;

  return {
    ref,
    index,
    recordBytes,
    count,
    async load(split, onShard) {
      const total = count(split);
      const images = new Uint8Array(total * recordBytes);
      const labels = new Int32Array(total);
      const pictures: string[] = [];
      let first = 0;
      for (const shard of index.shards) {
        const wanted = index.splits
          .slice(first, first + shard.count)
          .flatMap((name, at) => (name === split ? [at] : []));
        // Shards hold one split each but for those on a border, so most are not read at all.
        if (wanted.length > 0) {
          const bytes = await readRef(store, shard.ref);
          onShard?.();
          if (bytes.length !== shard.count * recordBytes) {
            throw new Error(`${shard.ref.uri} does not hold ${shard.count} pictures. Prepare it again.`);
          }
          for (const at of wanted) {
            const record = bytes.subarray(at * recordBytes, (at + 1) * recordBytes);
            images.set(record, pictures.length * recordBytes);
            labels[pictures.length] = index.labels[first + at] ?? 0;
            pictures.push(index.pictures[first + at] ?? '');
          }
        }
        first += shard.count;
      }
      return { count: total, images, labels, pictures };
    },
  };
}
