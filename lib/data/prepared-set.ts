import type { PreparedRef } from '../../contracts/refs';
import { preparedIndexSchema, type PreparedIndex, type SplitName } from '../../contracts/schemas/documents';
import { channelsOf } from '../../contracts/channels';
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
  /**
   * Some pictures of a split, as {@link load} has them at these places, from 0; beside them one shard at a time is in memory, and
   * no shard is read that has none of them.
   * @throws Failure as {@link load}; RangeError where the split has no such place.
   */
  loadSome(split: SplitName, places: readonly number[]): Promise<LoadedSplit>;
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
  const places = index.places ?? placesInOrder(index);
  const columns = [index.labels, index.splits, places.shard, places.record];
  if (columns.some((column) => column.length !== index.pictures.length)) {
    throw new Error(`${ref.uri} is not whole: its columns differ in length. Prepare it again.`);
  }

  /** Of the index's pictures. */
  const picturesOf = (split: SplitName) =>
    index.splits.flatMap((name, picture) => (name === split ? [picture] : []));

  async function read(wanted: readonly number[], onShard?: () => void): Promise<LoadedSplit> {
    const images = new Uint8Array(wanted.length * recordBytes);
    const labels = Int32Array.from(wanted, (picture) => index.labels[picture] ?? 0);
    const pictures = wanted.map((picture) => index.pictures[picture] ?? '');
    /** By shard, which records go where. */
    const moves = new Map<number, { readonly record: number; readonly to: number }[]>();
    wanted.forEach((picture, to) => {
      const shard = places.shard[picture] ?? 0;
      const of = moves.get(shard) ?? [];
      of.push({ record: places.record[picture] ?? 0, to });
      moves.set(shard, of);
    });
    for (const [number, of] of moves) {
      const shard = index.shards[number];
      if (shard === undefined) throw new Error(`${ref.uri} names a shard that it has not. Prepare it again.`);
      const bytes = await readRef(store, shard.ref);
      onShard?.();
      if (bytes.length !== shard.count * recordBytes || of.some(({ record }) => record >= shard.count)) {
        throw new Error(`${shard.ref.uri} does not hold ${shard.count} pictures. Prepare it again.`);
      }
      for (const { record, to } of of) {
        images.set(bytes.subarray(record * recordBytes, (record + 1) * recordBytes), to * recordBytes);
      }
    }
    return { count: wanted.length, images, labels, pictures };
  }

  return {
    ref,
    index,
    recordBytes,
    count: (split) => index.splits.filter((name) => name === split).length,
    load: (split, onShard) => read(picturesOf(split), onShard),
    async loadSome(split, chosen) {
      const all = picturesOf(split);
      const wanted = chosen.map((place) => {
        const picture = all[place];
        if (picture === undefined) throw new RangeError(`the split ${split} has no picture at ${place}`);
        return picture;
      });
      return read(wanted);
    },
  };
}

function placesInOrder({ shards }: PreparedIndex): NonNullable<PreparedIndex['places']> {
  return {
    shard: shards.flatMap(({ count }, shard) => new Array<number>(count).fill(shard)),
    record: shards.flatMap(({ count }) => Array.from({ length: count }, (_, record) => record)),
  };
}
