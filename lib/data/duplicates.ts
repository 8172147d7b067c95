import type { PictureFacts } from '../../contracts/schemas/dataset';
import { leastQuality, nearGroups, nearPairs, packHashes } from './near-duplicates';

/** What tells of two pictures whether they are one. */
interface Comparable {
  readonly path: string;
  readonly label: string;
  readonly sha256: string;
  readonly facts: Pick<PictureFacts, 'hash' | 'quality'>;
}

/** That a picture is like another, by index. */
export interface Likeness {
  readonly index: number;
  readonly other: number;
}

/** A picture's hash where it says something: flat pictures are near to whatever is flat. */
function tellingHash({ hash, quality }: Pick<PictureFacts, 'hash' | 'quality'>): string | undefined {
  return quality < leastQuality ? undefined : hash;
}

/** Groups of pictures that look the same, directly or through others; indices, ascending. */
export function lookalikes(pictures: readonly Comparable[]): number[][] {
  const hashes = pictures.map(({ facts }) => tellingHash(facts));
  return nearGroups(nearPairs(hashes), pictures.length);
}

/** Pictures with the bytes and the label of an earlier one. */
export function exactDuplicates(pictures: readonly Comparable[]): Likeness[] {
  return [...indicesBy(pictures, ({ sha256, label }) => `${sha256} ${label}`).values()].flatMap(
    ([first = 0, ...rest]) => rest.map((index) => ({ index, other: first })),
  );
}

/** Pictures with the bytes of one of another label: all of them, each with the first such. */
export function conflicts(pictures: readonly Comparable[]): Likeness[] {
  return [...indicesBy(pictures, ({ sha256 }) => sha256).values()].flatMap((same) => {
    const firsts = [...indicesBy(same, (index) => pictures[index]?.label ?? '').values()].map(
      ([at = 0]) => same[at] ?? 0,
    );
    return same.flatMap((index) => {
      const other = firsts.find((first) => pictures[first]?.label !== pictures[index]?.label);
      return other === undefined ? [] : [{ index, other }];
    });
  });
}

/**
 * Pictures that look the same as an earlier one of their label, each with the first such. Those of equal bytes are
 * {@link exactDuplicates}, and not told again.
 *
 * @param groups - their {@link lookalikes}; only these are compared
 * @param dropping - compares with those alone that were not found themselves, so that whoever drops what is
 *   found loses no picture that is near to dropped ones only
 */
export function nearDuplicates(
  pictures: readonly Comparable[],
  groups: readonly (readonly number[])[],
  dropping: boolean,
): Likeness[] {
  const areAlike = likeness(pictures);
  return groups.flatMap((group) => {
    const found: Likeness[] = [];
    for (const members of byLabel(pictures, group).values()) {
      const earlier: number[] = [];
      for (const index of members) {
        const other = earlier.find((one) => areAlike(index, one));
        if (other !== undefined) found.push({ index, other });
        if (other === undefined || !dropping) earlier.push(index);
      }
    }
    return found;
  });
}

/** Pictures that look the same as one of another label: all of them, each with the first such. */
export function nearConflicts(
  pictures: readonly Comparable[],
  groups: readonly (readonly number[])[],
): Likeness[] {
  const areAlike = likeness(pictures);
  return groups.flatMap((group) => {
    const labels = [...byLabel(pictures, group)];
    if (labels.length < 2) return [];
    return group.flatMap((index) => {
      const others = labels.flatMap(([label, members]) => {
        if (label === pictures[index]?.label) return [];
        const other = members.find((one) => areAlike(index, one));
        return other === undefined ? [] : [other];
      });
      return others.length === 0 ? [] : [{ index, other: Math.min(...others) }];
    });
  });
}

/** Whether two pictures look the same, and are not the same bytes. */
function likeness(pictures: readonly Comparable[]): (a: number, b: number) => boolean {
  const packed = packHashes(pictures.map(({ facts }) => facts.hash));
  return (a, b) => packed.areNear(a, b) && pictures[a]?.sha256 !== pictures[b]?.sha256;
}

function byLabel(pictures: readonly Comparable[], group: readonly number[]): Map<string, number[]> {
  const members = new Map<string, number[]>();
  for (const index of group) {
    const label = pictures[index]?.label ?? '';
    const alike = members.get(label);
    if (alike) alike.push(index);
    else members.set(label, [index]);
  }
  return members;
}

/** Places in a list by a key, in the list's order. */
function indicesBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  items.forEach((item, index) => {
    const key = keyOf(item);
    const found = places.get(key);
    if (found) found.push(index);
    else places.set(key, [index]);
  });
  return places;
}
