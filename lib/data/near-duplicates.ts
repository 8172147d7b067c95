import { nearBits } from '../images/perceptual-hash';
import { createDisjointSets } from './disjoint-sets';

/** Pictures of a lower quality are so flat that their hashes say nothing: what PDQ's authors leave out, too. */
export const leastQuality = 50;

const hashBits = 256;
const wordsPerHash = hashBits / 32;
const bandBits = 16;
const bands = hashBits / bandBits;

/** Where a hash is near to more before it, the others are listed only as far as its group needs them to hang together. */
const mostListed = 16;

/** So few are compared one with another in less time than it takes to set up the search. */
const few = 64;

/** Further apart than this, the bits to flip in each band become too many to try. */
const farthest = 4 * bands - 1;

/** Hashes as numbers, for counting the bits in which they differ. */
export interface PackedHashes {
  /** Whether two of them differ in so many bits or fewer. Those that are undefined are zeros here. */
  areNear(a: number, b: number, distance?: number): boolean;
  /** The 16 bits of a hash that a band, 0 to 15, is made of. */
  band(index: number, band: number): number;
}

/** @param hashes - 64 hexadecimal digits each */
export function packHashes(hashes: readonly (string | undefined)[]): PackedHashes {
  const words = new Uint32Array(hashes.length * wordsPerHash);
  hashes.forEach((hash, index) => {
    if (hash === undefined) return;
    for (let word = 0; word < wordsPerHash; word += 1) {
      words[index * wordsPerHash + word] = Number.parseInt(hash.slice(word * 8, word * 8 + 8), 16);
    }
  });
  return {
    areNear(a, b, distance = nearBits) {
      let left = distance;
      for (let word = 0; word < wordsPerHash; word += 1) {
        left -= countBits((words[a * wordsPerHash + word] ?? 0) ^ (words[b * wordsPerHash + word] ?? 0));
        // Most are far apart, and two words tell.
        if (left < 0) return false;
      }
      return true;
    },
    band(index, band) {
      const word = words[index * wordsPerHash + (band >> 1)] ?? 0;
      return (band & 1) === 0 ? word >>> 16 : word & 0xffff;
    },
  };
}

/** The ones among 32 bits, added up in parallel (Warren, Hacker's Delight, 5-1). */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * All pairs of hashes that differ in few bits, in far better than quadratic time: multi-index hashing (Norouzi,
 * Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012). Where two hashes of 16
 * bands are at most 31 bits apart, some band of theirs is at most one bit apart; so only those are compared.
 *
 * No pair is missed, but for two exceptions that keep thousands of equal or nearly equal pictures from filling
 * memory and time, and that leave the groups what they are: equal hashes are paired with the first of them alone,
 * which is compared for all of them; and of those before it, a hash is paired with 16, and with any more that
 * join two groups.
 *
 * @param hashes - 256 bits each, hexadecimal; undefined takes no part
 * @param distance - the most bits that two near hashes differ in, 0 to 63
 * @returns pairs of indices, the smaller first, sorted
 * @throws RangeError for another distance
 */
export function nearPairs(
  hashes: readonly (string | undefined)[],
  distance: number = nearBits,
): [number, number][] {
  if (!Number.isInteger(distance) || distance < 0 || distance > farthest) {
    throw new RangeError(`A distance is an integer of 0 to ${farthest} bits, not ${distance}.`);
  }
  const pairs: [number, number][] = [];
  // Equal hashes need no search: each is near to the first of them, and that one stands for all.
  const firsts = new Map<string, number>();
  hashes.forEach((hash, index) => {
    if (hash === undefined) return;
    const first = firsts.get(hash);
    if (first === undefined) firsts.set(hash, index);
    else pairs.push([first, index]);
  });
  const indices = [...firsts.values()];
  for (const [a, b] of distinctPairs([...firsts.keys()], distance)) {
    pairs.push([indices[a] ?? 0, indices[b] ?? 0]);
  }
  return pairs.sort(([a, b], [c, d]) => a - c || b - d);
}

/** The near pairs of hashes none of which are equal; the smaller index first. */
function distinctPairs(hashes: readonly string[], distance: number): [number, number][] {
  const packed = packHashes(hashes);
  if (hashes.length <= few) {
    return hashes.flatMap((_, index) =>
      hashes
        .slice(0, index)
        .flatMap((_, other): [number, number][] =>
          packed.areNear(index, other, distance) ? [[other, index]] : [],
        ),
    );
  }
  const sets = createDisjointSets(hashes.length);
  const listed = new Uint8Array(hashes.length);
  const pairs: [number, number][] = [];
  const keys = new Uint16Array(hashes.length);
  const radius = Math.floor(distance / bands);
  // The paper's refinement: past the remainder, a band that agrees in one bit less is bound to be among the rest.
  const searched = Array.from({ length: bands }, (_, band) =>
    band <= distance % bands ? radius : radius - 1,
  ).filter((bits) => bits >= 0);

  searched.forEach((bits, band) => {
    const earlier = searched.slice(0, band);
    for (let index = 0; index < keys.length; index += 1) keys[index] = packed.band(index, band);
    const { starts, members } = bucketsOf(keys);
    // So many at the beginning of a bucket are of one set.
    const joined = new Uint32Array(starts.length);
    const flips = flipsOf(bits);
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? 0;
      for (const flip of flips) {
        const bucket = key ^ flip;
        const start = starts[bucket] ?? 0;
        const end = starts[bucket + 1] ?? 0;
        let at = start;
        while (at < end) {
          const other = members[at] ?? 0;
          // Buckets are ascending, and each pair is looked at from its larger index.
          if (other >= index) break;
          if ((listed[index] ?? 0) >= mostListed && sets.find(other) === sets.find(index)) {
            // Of a crowd that it is in, one is enough: the next that may matter is past all of that set.
            at = at === start ? pastSet(bucket, start, end) : at + 1;
            continue;
          }
          at += 1;
          if (!packed.areNear(index, other, distance) || wasFound(packed, earlier, index, other)) continue;
          sets.join(index, other);
          listed[index] = Math.min((listed[index] ?? 0) + 1, mostListed);
          pairs.push([other, index]);
        }
      }
    }

    /** The place of the bucket's first member that is not in the set of its very first. Sets only grow. */
    function pastSet(bucket: number, start: number, end: number): number {
      const set = sets.find(members[start] ?? 0);
      let at = start + Math.max(joined[bucket] ?? 0, 1);
      while (at < end && sets.find(members[at] ?? 0) === set) at += 1;
      joined[bucket] = at - start;
      return at;
    }
  });
  return pairs;
}

/** Whether an earlier band has brought these two together already. */
function wasFound(packed: PackedHashes, earlier: readonly number[], a: number, b: number): boolean {
  return earlier.some((bits, band) => countBits(packed.band(a, band) ^ packed.band(b, band)) <= bits);
}

/** Indices by key, ascending within each: those of key k are `members` from `starts[k]` up to `starts[k + 1]`. */
function bucketsOf(keys: Uint16Array): { starts: Uint32Array; members: Uint32Array } {
  const starts = new Uint32Array(2 ** bandBits + 1);
  for (const key of keys) starts[key + 1] = (starts[key + 1] ?? 0) + 1;
  for (let key = 1; key < starts.length; key += 1) starts[key] = (starts[key] ?? 0) + (starts[key - 1] ?? 0);
  const next = starts.slice();
  const members = new Uint32Array(keys.length);
  keys.forEach((key, index) => {
    const at = next[key] ?? 0;
    members[at] = index;
    next[key] = at + 1;
  });
  return { starts, members };
}

/** Every number of 16 bits with at most so many ones. */
function flipsOf(bits: number): number[] {
  const flips: number[] = [];
  const add = (flip: number, from: number, left: number): void => {
    flips.push(flip);
    if (left === 0) return;
    for (let bit = from; bit < bandBits; bit += 1) add(flip | (1 << bit), bit + 1, left - 1);
  };
  add(0, 0, bits);
  return flips;
}

/** What hangs together by pairs, directly or through others: indices, ascending; whoever is near to none is left out. */
export function nearGroups(pairs: readonly (readonly [number, number])[], n: number): number[][] {
  const sets = createDisjointSets(n);
  for (const [a, b] of pairs) sets.join(a, b);
  return sets.groups();
}
