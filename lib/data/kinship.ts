import type { PictureFacts } from '../../contracts/schemas/dataset';
import { splitNames, type SplitName } from '../../contracts/schemas/documents';
import { createDisjointSets } from './disjoint-sets';
import { nearGroups, nearPairs, packHashes } from './near-duplicates';

/** What says of pictures that they belong together. */
export interface Relative {
  readonly sha256: string;
  /** Pictures of one group, such as one animal's. */
  readonly group?: string | undefined;
  /** Pictures of one number look the same, directly or through others. */
  readonly near?: number | undefined;
  /** Tells within one `near` who looks like whom; without it, all look like all. */
  readonly facts?: Pick<PictureFacts, 'hash'> | undefined;
}

/** Newcomers that belong together. */
export interface Unit {
  /** Indices, ascending. */
  readonly members: readonly number[];
  /** The splits in which there are pictures that these belong with, and of each split the first such. */
  readonly ties: ReadonlyMap<SplitName, number>;
}

/** Who belongs with whom among some pictures, all of them by their indices. */
export interface Kinship {
  /** Whether two pictures have the same bytes or look the same. */
  areAlike(a: number, b: number): boolean;
  /** Pictures of one content, and those that look the same directly or through others: indices, ascending. */
  readonly lookalikes: readonly (readonly number[])[];
  /** Pictures of one `group`: indices, ascending. */
  readonly groups: readonly (readonly number[])[];
  /**
   * Puts together those newcomers that belong together, by bytes, by look or by group, and says into which splits
   * they belong by the pictures that are there already.
   *
   * A newcomer that belongs into two splits by itself is a unit of its own: it must not take others with it. Where
   * a look is in two splits already, a newcomer belongs only with those that it looks like itself.
   *
   * @param splits - of each picture that has one and counts
   */
  unite(newcomers: readonly number[], splits: readonly (SplitName | undefined)[]): Unit[];
}

export function createKinship(pictures: readonly Relative[]): Kinship {
  const packed = packHashes(pictures.map(({ facts }) => facts?.hash));
  const bySha256 = setsBy(pictures, ({ sha256 }) => sha256);
  const byNear = setsBy(pictures, ({ near }) => near);
  const byGroup = setsBy(pictures, ({ group }) => group);

  function areAlike(a: number, b: number): boolean {
    const [one, other] = [pictures[a], pictures[b]];
    if (!one || !other) return false;
    if (one.sha256 === other.sha256) return true;
    if (one.near === undefined || one.near !== other.near) return false;
    return one.facts === undefined || other.facts === undefined || packed.areNear(a, b);
  }

  /** Of some that hang together by look: those that still do without the others. */
  function regrouped(members: readonly number[]): number[][] {
    const hashes = members.map((index) => pictures[index]?.facts?.hash);
    if (hashes.includes(undefined)) return [[...members]];
    const groups = nearGroups(nearPairs(hashes), hashes.length);
    return groups.map((group) => group.flatMap((at) => members[at] ?? []));
  }

  function unite(newcomers: readonly number[], splits: readonly (SplitName | undefined)[]): Unit[] {
    const ties = new Map(newcomers.map((index) => [index, new Map<SplitName, number>()]));
    /** Ties the newcomers of a set to its first settled picture of each split, or to the first that passes. */
    const tie = (
      members: readonly number[],
      passes: (newcomer: number, settled: number) => boolean,
    ): void => {
      const settled = members.filter((index) => !ties.has(index) && splits[index] !== undefined);
      for (const split of splitNames) {
        const there = settled.filter((index) => splits[index] === split);
        if (there.length === 0) continue;
        for (const index of members) {
          const other = ties.has(index) ? there.find((one) => passes(index, one)) : undefined;
          if (other === undefined) continue;
          const own = ties.get(index);
          own?.set(split, Math.min(own.get(split) ?? other, other));
        }
      }
    };
    const isDivided = (members: readonly number[]): boolean => {
      const there = members.flatMap((index) => (ties.has(index) ? [] : (splits[index] ?? [])));
      return new Set(there).size > 1;
    };
    const divided = new Set(byNear.filter(isDivided));
    for (const members of [...bySha256, ...byGroup]) tie(members, () => true);
    for (const members of byNear) tie(members, divided.has(members) ? areAlike : () => true);

    const sets = createDisjointSets(pictures.length);
    for (const members of [...bySha256, ...byGroup, ...byNear]) {
      const free = members.filter((index) => (ties.get(index)?.size ?? Infinity) < 2);
      for (const [first = 0, ...rest] of divided.has(members) ? regrouped(free) : [free]) {
        for (const index of rest) sets.join(first, index);
      }
    }
    const units = new Map<number, { members: number[]; ties: Map<SplitName, number> }>();
    for (const index of [...newcomers].sort((a, b) => a - b)) {
      const root = sets.find(index);
      const unit = units.get(root) ?? { members: [], ties: new Map<SplitName, number>() };
      units.set(root, unit);
      unit.members.push(index);
      for (const [split, other] of ties.get(index) ?? []) {
        unit.ties.set(split, Math.min(unit.ties.get(split) ?? other, other));
      }
    }
    return [...units.values()];
  }

  return { areAlike, lookalikes: [...bySha256, ...byNear], groups: byGroup, unite };
}

/** The sets of two or more with one key, each ascending; without a key, a picture is in none. */
function setsBy(
  pictures: readonly Relative[],
  keyOf: (picture: Relative) => string | number | undefined,
): number[][] {
  const sets = new Map<string | number, number[]>();
  pictures.forEach((picture, index) => {
    const key = keyOf(picture);
    if (key === undefined) return;
    const members = sets.get(key);
    if (members) members.push(index);
    else sets.set(key, [index]);
  });
  return [...sets.values()].filter((members) => members.length > 1);
}
