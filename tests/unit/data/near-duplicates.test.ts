import { describe, expect, it } from '@jest/globals';
import { nearGroups, nearPairs, packHashes } from '../../../lib/data/near-duplicates';
import { createRandom, type Random } from '../../../lib/random';

/** 256 random bits. */
function drawHash(random: Random): string {
  return Array.from({ length: 64 }, () => random.int(16).toString(16)).join('');
}

/** The same hash with so many of its bits turned over. */
function turn(hash: string, bits: number, random: Random): string {
  const digits = Array.from(hash, (digit) => Number.parseInt(digit, 16));
  for (const bit of random.shuffle(Array.from({ length: 256 }, (_, at) => at)).slice(0, bits)) {
    digits[bit >> 2]! ^= 1 << (bit & 3);
  }
  return digits.map((digit) => digit.toString(16)).join('');
}

/** By another way than the code's own: big integers. */
function bitsBetween(a: string, b: string): number {
  const differing = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return differing.toString(2).replaceAll('0', '').length;
}

function comparedOneByOne(hashes: readonly (string | undefined)[], distance: number): [number, number][] {
  const pairs: [number, number][] = [];
  hashes.forEach((a, i) => {
    hashes.forEach((b, j) => {
      if (i < j && a !== undefined && b !== undefined && bitsBetween(a, b) <= distance) pairs.push([i, j]);
    });
  });
  return pairs;
}

/** Some hashes, most of them near to some other: chains of turned bits, in random order. */
function drawFamilies(families: number, members: number, random: Random): string[] {
  const hashes: string[] = [];
  for (let family = 0; family < families; family += 1) {
    let hash = drawHash(random);
    for (let member = 0; member < members; member += 1) {
      hashes.push(hash);
      hash = turn(hash, 1 + random.int(40), random);
    }
  }
  return random.shuffle(hashes);
}

describe('packHashes', () => {
  it('counts the bits in which two hashes differ, the first and the last among them', () => {
    const zeros = '0'.repeat(64);
    const packed = packHashes([zeros, `8${'0'.repeat(62)}1`, 'f'.repeat(64)]);
    const apart = (a: number, b: number) =>
      Array.from({ length: 257 }, (_, bits) => bits).find((bits) => packed.areNear(a, b, bits));
    expect([apart(0, 0), apart(0, 1), apart(0, 2), apart(1, 2)]).toEqual([0, 2, 256, 254]);
    expect([packed.band(1, 0), packed.band(1, 1), packed.band(1, 15)]).toEqual([0x8000, 0, 1]);
  });
});

describe('nearPairs', () => {
  it.each([0, 1, 15, 16, 30, 31, 32, 47, 63])(
    'finds each pair at most %i bits apart, once, and no other',
    (distance) => {
      const random = createRandom(`families ${distance}`);
      const families = drawFamilies(20, 12, random);
      // Exactly at the line, and one beyond it.
      const edges = families
        .slice(0, 20)
        .flatMap((hash) => [turn(hash, distance, random), turn(hash, distance + 1, random)]);
      const hashes = [...new Set([...families, ...edges])];
      const expected = comparedOneByOne(hashes, distance);
      if (distance > 0) expect(expected.length).toBeGreaterThanOrEqual(20);
      expect(nearPairs(hashes, distance)).toEqual(expected);
    },
  );

  it('misses no pair whose bits are spread over the bands as evenly as can be', () => {
    const zeros = '0'.repeat(64);
    const random = createRandom('beside');
    // So many that they are searched, and not compared one by one.
    const others = Array.from({ length: 100 }, () => drawHash(random));
    // Two bits in 15 bands and one in the other: whichever band that is, only it leads to the pair.
    for (let thin = 0; thin < 16; thin += 1) {
      const spread = Array.from({ length: 16 }, (_, band) => (band === thin ? '0010' : '0180')).join('');
      expect(bitsBetween(zeros, spread)).toBe(31);
      expect(nearPairs([zeros, spread, ...others])).toEqual([[0, 1]]);
      expect(nearPairs([zeros, spread])).toEqual([[0, 1]]);
    }
  });

  it('leaves out what has no hash, and takes 31 bits as near unless told', () => {
    const random = createRandom('a few');
    const hash = drawHash(random);
    const near = turn(hash, 31, random);
    const far = turn(hash, 32, random);
    expect(nearPairs([hash, undefined, near, undefined]).map(String)).toEqual(['0,2']);
    expect(nearPairs([hash, far])).toEqual([]);
    expect(nearPairs([])).toEqual([]);
    expect(() => nearPairs([hash], 64)).toThrow(RangeError);
    expect(() => nearPairs([hash], 1.5)).toThrow(RangeError);
  });

  it('pairs equal hashes with the first of them, which stands for all', () => {
    const random = createRandom('equal');
    const hash = drawHash(random);
    const near = turn(hash, 5, random);
    const hashes = [near, ...Array.from({ length: 10_000 }, () => hash)];
    const pairs = nearPairs(hashes);
    expect(pairs).toHaveLength(10_000);
    expect(nearGroups(pairs, hashes.length)).toEqual([hashes.map((_, index) => index)]);
  });

  it('groups many that are all near to one another without listing all their pairs', () => {
    const random = createRandom('crowd');
    const centre = drawHash(random);
    const crowd = [...new Set(Array.from({ length: 1000 }, () => turn(centre, 12, random)))];
    const alone = drawHash(random);
    const pairs = nearPairs([...crowd, alone]);
    expect(pairs.length).toBeLessThan(crowd.length * 18);
    expect(nearGroups(pairs, crowd.length + 1)).toEqual([crowd.map((_, index) => index)]);
    const packed = packHashes(crowd);
    expect(pairs.every(([a, b]) => packed.areNear(a, b))).toBe(true);
  });
});

describe('nearGroups', () => {
  it('joins what hangs together through others, and leaves out whoever is alone', () => {
    const pairs: [number, number][] = [
      [5, 6],
      [1, 4],
      [0, 4],
      [6, 8],
    ];
    expect(nearGroups(pairs, 9)).toEqual([
      [0, 1, 4],
      [5, 6, 8],
    ]);
    expect(nearGroups([], 3)).toEqual([]);
  });

  it('finds the few that hang on the edge of a crowd, whose pairs are not all listed', () => {
    for (let time = 0; time < 6; time += 1) {
      const random = createRandom(`edge ${time}`);
      const centres = Array.from({ length: 3 }, () => drawHash(random));
      const crowds = centres.flatMap((centre) =>
        Array.from({ length: 40 }, () => turn(centre, 1 + random.int(3), random)),
      );
      const edge = centres.flatMap((centre) =>
        Array.from({ length: 40 }, () => turn(centre, 33 + random.int(2), random)),
      );
      const hashes = [...new Set(random.shuffle([...crowds, ...edge]))];
      const expected = nearGroups(comparedOneByOne(hashes, 31), hashes.length);
      expect(expected.flat().length).toBeLessThan(hashes.length);
      expect(nearGroups(nearPairs(hashes), hashes.length)).toEqual(expected);
    }
  });

  it('is what a walk along the pairs finds', () => {
    const random = createRandom('walk');
    const hashes = drawFamilies(30, 10, random);
    const pairs = comparedOneByOne(hashes, 31);
    const groups = nearGroups(nearPairs(hashes), hashes.length);
    const groupOf = new Map(groups.flatMap((group, at) => group.map((index) => [index, at] as const)));
    for (const [a, b] of pairs) expect(groupOf.get(a)).toBe(groupOf.get(b));
    // As many links as it takes, and no group without them.
    for (const group of groups) {
      const reached = new Set([group[0]!]);
      for (let before = 0; before < reached.size;) {
        before = reached.size;
        for (const [a, b] of pairs) if (reached.has(a) || reached.has(b)) reached.add(a).add(b);
      }
      expect([...reached].sort((a, b) => a - b)).toEqual(group);
    }
  });
});
