import type { SplitName } from '../../contracts/schemas/documents';

const mostGuardedFirst = ['test', 'validation', 'train'] as const satisfies readonly SplitName[];

/**
 * Finds the pictures that keep a split of before and now share a group with pictures of another: the group was given, or
 * changed, after they had been divided.
 *
 * What was measured by must never be learnt from, and what was learnt from never be measured by, so none of them can
 * move. The group has the split that the source gives to others of it, or else the most guarded that any of it is in:
 * test before validation before train. Those elsewhere belong nowhere. A group that the source itself has divided stays as it is.
 *
 * @param groups - the members of each, by their indices, ascending
 * @param splits - of each picture that has one
 * @param kept - the pictures that have their split from before
 * @param given - the pictures that have their split from the source
 * @returns of each picture that is outside its group's split, the group's first picture in it
 */
export function outsideTheirGroup(
  groups: readonly (readonly number[])[],
  splits: readonly (SplitName | undefined)[],
  { kept, given }: { readonly kept: ReadonlySet<number>; readonly given: ReadonlySet<number> },
): ReadonlyMap<number, number> {
  const outside = new Map<number, number>();
  for (const members of groups) {
    const said = members.filter((index) => given.has(index));
    const remembered = members.filter((index) => kept.has(index));
    const deciding = said.length > 0 ? said : remembered;
    const [side, other] = mostGuardedFirst.filter((name) => deciding.some((index) => splits[index] === name));
    const first = deciding.find((index) => splits[index] === side);
    const isTheSources = said.length > 0 && other !== undefined;
    if (first === undefined || isTheSources) continue;
    for (const index of remembered) if (splits[index] !== side) outside.set(index, first);
  }
  return outside;
}
