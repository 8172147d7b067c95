/** Which of n things belong together, told pair by pair: union by size, with path halving (Tarjan, 1975). */
export interface DisjointSets {
  /** Says that two belong together; false where that was known. */
  join(a: number, b: number): boolean;
  /** One of the set, the same for all of it until the next {@link join}. */
  find(a: number): number;
  /** The sets of two or more, each ascending, in the order of their first. */
  groups(): number[][];
}

export function createDisjointSets(n: number): DisjointSets {
  const parents = Uint32Array.from({ length: n }, (_, index) => index);
  const sizes = new Uint32Array(n).fill(1);

  function find(a: number): number {
    let at = a;
    for (;;) {
      const parent = parents[at] ?? at;
      if (parent === at) return at;
      const above = parents[parent] ?? parent;
      parents[at] = above;
      at = above;
    }
  }

  return {
    find,
    join(a, b) {
      const [one, other] = [find(a), find(b)];
      if (one === other) return false;
      const [sizeOfOne, sizeOfOther] = [sizes[one] ?? 1, sizes[other] ?? 1];
      const [small, large] = sizeOfOne < sizeOfOther ? [one, other] : [other, one];
      parents[small] = large;
      sizes[large] = sizeOfOne + sizeOfOther;
      return true;
    },
    groups() {
      const members = new Map<number, number[]>();
      for (let index = 0; index < n; index += 1) {
        const root = find(index);
        const group = members.get(root);
        if (group) group.push(index);
        else members.set(root, [index]);
      }
      return [...members.values()].filter((group) => group.length > 1);
    },
  };
}
