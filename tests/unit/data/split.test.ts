import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { SplitName } from '../../../contracts/schemas/documents';
import type { Split } from '../../../contracts/schemas/pipeline';
import { nearGroups, nearPairs, packHashes } from '../../../lib/data/near-duplicates';
import {
  assignSplits,
  countPictures,
  countSplits,
  requireTrainable,
  type Assignment,
  type Splittable,
} from '../../../lib/data/split';
import { createRandom, type Random } from '../../../lib/random';

const shares: Split = { validation: 0.15, test: 0.15, seed: 1 };
const rules = { bridge: 'drop', leak: 'keep', divided_group: 'drop' } as const;
const none: ReadonlyMap<string, SplitName> = new Map();

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A picture by its content; its path tells it. */
function picture(name: string, changes: Partial<Splittable> = {}): Splittable {
  return { path: name, label: 'cat', sha256: digest(name), ...changes };
}

function pictures(n: number, changes: Partial<Splittable> = {}, from = 0): Splittable[] {
  return Array.from({ length: n }, (_, at) => picture(`${from + at}`, changes));
}

function assign(
  of: readonly Splittable[],
  known: ReadonlyMap<string, SplitName> = none,
  policies: Parameters<typeof assignSplits>[3] = rules,
): Assignment {
  return assignSplits(of, shares, known, policies);
}

/** `a train`, in the pictures' order. */
function told(of: readonly Splittable[], { splits }: Assignment): string[] {
  return of.map(({ path }, at) => `${path} ${splits[at] ?? 'aside'}`);
}

function count(splits: readonly (SplitName | undefined)[]): Record<SplitName, number> {
  return countSplits(
    countPictures(splits.flatMap((split) => (split === undefined ? [] : [{ label: 'any', split }]))),
  );
}

/** What an ingest remembers: where each picture has been put, over what was known. */
function remember(
  known: ReadonlyMap<string, SplitName>,
  of: readonly Splittable[],
  { splits }: Assignment,
): Map<string, SplitName> {
  const all = new Map(known);
  of.forEach(({ sha256 }, at) => {
    const split = splits[at];
    if (split !== undefined) all.set(sha256, split);
  });
  return all;
}

/** A hash that is so many bits from zero, from the left: two of these are as far apart as their numbers. */
function hashAt(bits: number): string {
  return ((2n ** BigInt(bits) - 1n) << BigInt(256 - bits)).toString(16).padStart(64, '0');
}

type Seen = Splittable & { readonly hash: string };

/** Pictures with hashes, and the groups that they hang together in, as validation gives them. */
function withLooks(of: readonly Seen[]): Splittable[] {
  const pairs = nearPairs(of.map(({ hash }) => hash));
  const near = new Map(
    nearGroups(pairs, of.length).flatMap((group, number) => group.map((index) => [index, number])),
  );
  return of.map(({ hash, ...one }, index) => ({
    ...{ ...one, facts: { hash } },
    ...(near.has(index) && { near: near.get(index) }),
  }));
}

function message(rows: Record<string, [number, number, number]>): string {
  const counts = new Map(
    Object.entries(rows).map(([label, [train, validation, test]]) => [label, { train, validation, test }]),
  );
  try {
    requireTrainable(counts);
  } catch (error) {
    expect(error).toMatchObject({ type: 'dataset-invalid' });
    return error instanceof Error ? error.message : '';
  }
  return '';
}

describe('assignSplits', () => {
  it.each([3, 4, 5, 7, 10, 20, 99, 100, 1000])('meets the shares in a class of %i pictures', (n) => {
    const { train, validation, test } = count(assign(pictures(n)).splits);
    expect(train + validation + test).toBe(n);
    // One picture each, where a share is less than that.
    for (const held of [validation, test]) {
      expect(held).toBeGreaterThanOrEqual(1);
      expect(Math.abs(held - 0.15 * n)).toBeLessThan(1);
    }
    expect(train).toBeGreaterThanOrEqual(1);
  });

  it('meets the shares in each class, and over many small ones', () => {
    const classes = Array.from({ length: 40 }, (_, at) => ({ label: `class ${at}`, size: 4 + at }));
    const all = classes.flatMap(({ label, size }) =>
      Array.from({ length: size }, (_, at) => picture(`${label} ${at}`, { label })),
    );
    const { splits } = assign(all);
    const counts = countPictures(all.map(({ label }, at) => ({ label, split: splits[at]! })));
    for (const { label, size } of classes) {
      const row = counts.get(label)!;
      for (const held of [row.validation, row.test]) {
        expect(Math.abs(held - 0.15 * size)).toBeLessThan(1);
        expect(held).toBeGreaterThanOrEqual(1);
      }
    }
    const tens = Array.from({ length: 400 }, (_, at) => picture(`${at}`, { label: `class ${at % 40}` }));
    // 1.5 of ten for each class: no split gets all the odd ones.
    const sums = count(assign(tens).splits);
    expect(Math.abs(sums.validation - sums.test)).toBeLessThanOrEqual(1);
    expect(sums.validation + sums.test).toBe(120);
  });

  it('meets the shares in each class to within one unit where pictures come in groups', () => {
    const random = createRandom('groups');
    for (let time = 0; time < 20; time += 1) {
      const sizes = Array.from({ length: 12 + random.int(20) }, () => 1 + random.int(9));
      const all = sizes.flatMap((size, group) =>
        Array.from({ length: size }, (_, at) =>
          picture(`${time} ${group} ${at}`, { group: `${group}`, label: group % 2 === 0 ? 'cat' : 'dog' }),
        ),
      );
      const { splits } = assign(all);
      const counts = countPictures(all.map(({ label }, at) => ({ label, split: splits[at]! })));
      for (const { train, validation, test } of counts.values()) {
        const n = train + validation + test;
        const largest = Math.max(...sizes);
        expect(Math.abs(validation - 0.15 * n)).toBeLessThan(largest);
        expect(Math.abs(test - 0.15 * n)).toBeLessThan(largest);
        expect(Math.abs(train - 0.7 * n)).toBeLessThan(largest);
      }
    }
  });

  it('gives a class something in every split where it has three units, the smallest to the small splits', () => {
    const large = pictures(18, { group: 'large' });
    const all = [...large, picture('x'), picture('y')];
    for (let seed = 1; seed <= 10; seed += 1) {
      const { splits } = assignSplits(all, { ...shares, seed }, none, rules);
      expect(count(splits)).toEqual({ train: 18, validation: 1, test: 1 });
    }
    expect(new Set(assign(large).splits)).toEqual(new Set(['train']));
  });

  it('gives nothing to a split without a share', () => {
    const { splits } = assignSplits(pictures(50), { ...shares, validation: 0, test: 0.2 }, none, rules);
    expect(count(splits)).toEqual({ train: 40, validation: 0, test: 10 });
  });

  it('draws anew for another seed, and in the same way for the same', () => {
    const all = pictures(300);
    const first = assign(all);
    expect(assign(all)).toEqual(first);
    expect(assignSplits(all, { ...shares, seed: 2 }, none, rules).splits).not.toEqual(first.splits);
  });

  it('depends on no order and on no path', () => {
    const random = createRandom('order');
    const all = [
      ...pictures(60),
      ...pictures(30, { label: 'dog', group: 'pack' }, 100),
      ...pictures(5, { near: 3 }, 200),
      ...pictures(10, { split: 'test' }, 300),
    ];
    const known = new Map<string, SplitName>([[all[95]!.sha256, 'test']]);
    const bySha256 = (of: readonly Splittable[]) =>
      new Map(of.map(({ sha256 }, at) => [sha256, assign(of, known).splits[at]]));
    const expected = bySha256(all);
    const shuffled = random.shuffle(all);
    expect(new Map([...bySha256(shuffled)].sort())).toEqual(new Map([...expected].sort()));
    const elsewhere = all.map((one, at) => ({ ...one, path: `elsewhere/${1000 - at}` }));
    expect(bySha256(elsewhere)).toEqual(expected);
  });

  it('keeps what the source has assigned, and what is known unless the source says otherwise', () => {
    const given = [
      ...pictures(5, { split: 'train' }),
      ...pictures(5, { split: 'validation' }, 10),
      ...pictures(5, { split: 'test' }, 20),
    ];
    expect(assign(given).splits).toEqual(given.map(({ split }) => split));
    const known = new Map<string, SplitName>(given.map(({ sha256 }) => [sha256, 'validation']));
    expect(assign(given, known).splits).toEqual(given.map(({ split }) => split));
    const free = given.map((one) => ({ ...one, split: undefined, label: 'relabelled' }));
    expect(new Set(assign(free, known).splits)).toEqual(new Set(['validation']));
  });

  it('shares out among the others what a full split does not need', () => {
    // Half of the pictures are for testing already, and stay.
    const all = [...pictures(50, { split: 'test' }), ...pictures(50, {}, 50)];
    const { train, validation, test } = count(assign(all).splits);
    expect(test).toBe(50);
    expect(Math.abs(validation - (50 * 0.15) / 0.85)).toBeLessThan(1);
    expect(train + validation).toBe(50);
  });

  it('takes the validation out of train where the source gives train and test alone, group by group', () => {
    const train = Array.from({ length: 500 }, (_, at) =>
      picture(`${at}`, { split: 'train', group: `${at >> 2}` }),
    );
    const test = pictures(100, { split: 'test' }, 1000);
    const result = assign([...train, ...test]);
    const counts = count(result.splits);
    expect(counts.test).toBe(100);
    expect(Math.abs(counts.validation - (500 * 0.15) / 0.85)).toBeLessThan(4);
    expect(counts.train + counts.validation).toBe(500);
    for (let at = 0; at < 500; at += 4) expect(new Set(result.splits.slice(at, at + 4)).size).toBe(1);
    // The next time it is known, and newcomers leave it where it is.
    const known = remember(none, [...train, ...test], result);
    const more = pictures(100, { split: 'train' }, 2000);
    const next = assign([...more, ...train, ...test], known);
    expect(next.splits.slice(100)).toEqual(result.splits);
    expect(count(next.splits).validation).toBeGreaterThan(counts.validation);
  });

  it('never takes the validation out of a train that has a validation beside it, nor out of train alone', () => {
    const train = pictures(50, { split: 'train' });
    expect(count(assign(train).splits)).toEqual({ train: 50, validation: 0, test: 0 });
    const all = [...train, picture('v', { split: 'validation' }), picture('t', { split: 'test' })];
    expect(count(assign(all).splits)).toEqual({ train: 50, validation: 1, test: 1 });
  });

  it('keeps together what looks the same, what is one group, what has the same bytes, and what these join', () => {
    const fillers = pictures(30, {}, 100);
    const joined = [
      picture('a', { near: 1 }),
      picture('b', { near: 1, group: 'g' }),
      picture('c', { group: 'g', label: 'dog' }),
      picture('d', { sha256: digest('c'), label: 'cat' }),
      picture('e', { sha256: digest('c'), near: 2 }),
      picture('f', { near: 2 }),
    ];
    for (let seed = 1; seed <= 20; seed += 1) {
      const { splits } = assignSplits([...joined, ...fillers], { ...shares, seed }, none, rules);
      expect(new Set(splits.slice(0, joined.length)).size).toBe(1);
    }
  });

  it('lets a newcomer follow those that it belongs with, through other newcomers, too', () => {
    const old = [picture('old', { near: 1 }), picture('friend', { group: 'g' })];
    const known = new Map<string, SplitName>([
      [old[0]!.sha256, 'test'],
      [old[1]!.sha256, 'validation'],
    ]);
    const all = [
      ...old,
      picture('near', { near: 1 }),
      picture('same group', { group: 'g', near: 2 }),
      picture('near that', { near: 2 }),
    ];
    expect(told(all, assign(all, known)).slice(2)).toEqual([
      'near test',
      'same group validation',
      'near that validation',
    ]);
  });

  it('sets aside a newcomer that looks like pictures of two splits, and no other', () => {
    const all = withLooks([
      { ...picture('a'), hash: hashAt(0) },
      { ...picture('like a'), hash: hashAt(3) },
      { ...picture('bridge'), hash: hashAt(25) },
      { ...picture('like z'), hash: hashAt(47) },
      { ...picture('z'), hash: hashAt(50) },
    ]);
    const known = new Map<string, SplitName>([
      [digest('a'), 'train'],
      [digest('z'), 'test'],
    ]);
    expect(new Set(all.map(({ near }) => near))).toEqual(new Set([0]));
    const result = assign(all, known);
    expect(told(all, result)).toEqual(['a train', 'like a train', 'bridge aside', 'like z test', 'z test']);
    expect(result.findings).toEqual([
      {
        ...{ kind: 'bridge', path: 'bridge', label: 'cat', dropped: true, other: 'a' },
        reason: 'Is new, and belongs with a in train as well as with z in test.',
      },
    ]);
    const kept = assign(all, known, { ...rules, bridge: 'keep' });
    expect(told(all, kept)[2]).toBe('bridge train');
    // It is let through, and told of for what it is.
    expect(kept.findings.map(({ kind, path, dropped }) => [kind, path, dropped])).toEqual([
      ['bridge', 'bridge', false],
      ['leak', 'bridge', false],
    ]);
    expect(() => assign(all, known, { ...rules, bridge: 'fail' })).toThrow(
      /1 bridge, such as bridge: .*validate\.bridge to keep or drop/,
    );
  });

  it('sets aside newcomers that join two splits only as a chain, and those between group and look', () => {
    const chain = withLooks([
      { ...picture('a'), hash: hashAt(0) },
      { ...picture('b'), hash: hashAt(30) },
      { ...picture('y'), hash: hashAt(60) },
      { ...picture('z'), hash: hashAt(90) },
    ]);
    const known = new Map<string, SplitName>([
      [digest('a'), 'train'],
      [digest('z'), 'test'],
    ]);
    expect(told(chain, assign(chain, known))).toEqual(['a train', 'b aside', 'y aside', 'z test']);
    const between = [
      picture('a', { near: 1 }),
      picture('z', { group: 'g' }),
      picture('both', { near: 1, group: 'g' }),
      picture('other', { group: 'g' }),
    ];
    expect(told(between, assign(between, known))).toEqual(['a train', 'z test', 'both aside', 'other test']);
  });

  it('tells of what looks the same in two splits, and drops it from the split that matters less', () => {
    const all = withLooks([
      { ...picture('t1', { split: 'train' }), hash: hashAt(0) },
      { ...picture('t2', { split: 'train' }), hash: hashAt(40) },
      { ...picture('t3', { split: 'train' }), hash: hashAt(100) },
      { ...picture('v1', { split: 'validation' }), hash: hashAt(20) },
      { ...picture('v2', { split: 'validation' }), hash: hashAt(80) },
      { ...picture('x', { split: 'test' }), hash: hashAt(65) },
    ]);
    const kept = assign(all);
    expect(kept.splits).toEqual(all.map(({ split }) => split));
    expect(kept.findings.map(({ path, other, dropped }) => [path, other, dropped])).toEqual([
      ['t1', 'v1', false],
      ['t2', 'v1', false],
      ['t3', 'v2', false],
      ['v2', 'x', false],
    ]);
    expect(kept.findings[3]?.reason).toBe('Is in validation, and looks the same as x in test.');
    const dropped = assign(all, none, { ...rules, leak: 'drop' });
    // The third looks like one in validation that has gone itself.
    expect(told(all, dropped)).toEqual([
      't1 aside',
      't2 aside',
      't3 train',
      'v1 validation',
      'v2 aside',
      'x test',
    ]);
    expect(dropped.findings).toHaveLength(3);
    expect(dropped.findings.every((finding) => finding.dropped)).toBe(true);
    expect(() => assign(all, none, { ...rules, leak: 'fail' })).toThrow('4 leak');
  });

  it('finds equal bytes in two splits, also where they are too flat to look like anything', () => {
    const all = [picture('a', { split: 'test' }), picture('b', { split: 'train', sha256: digest('a') })];
    expect(assign(all).findings).toMatchObject([{ kind: 'leak', path: 'b', other: 'a' }]);
  });

  it('leaves what the source calls train out of test, also where it looks like a test picture', () => {
    const all = [
      ...pictures(20, { split: 'train' }),
      picture('copy', { split: 'train', near: 1 }),
      picture('original', { split: 'test', near: 1 }),
    ];
    const { splits, findings } = assign(all, new Map([[digest('copy'), 'test' as const]]));
    expect(splits[20]).not.toBe('test');
    expect(findings).toMatchObject([{ kind: 'leak', path: 'copy', other: 'original' }]);
  });

  it('lets a group be in two splits where the source says so, and finds no leak in that', () => {
    const all = [
      picture('a', { group: 'g', split: 'train' }),
      picture('b', { group: 'g', split: 'validation' }),
      picture('c', { group: 'g', split: 'test' }),
    ];
    expect(assign(all)).toEqual({ splits: ['train', 'validation', 'test'], findings: [] });
  });

  describe('where a group is given to pictures that have been divided', () => {
    const known = new Map<string, SplitName>([
      [digest('a'), 'train'],
      [digest('b'), 'train'],
      [digest('v'), 'validation'],
      [digest('x'), 'test'],
    ]);
    const group = 'rex';

    it('trains on nothing whose group is tested on, tests on nothing that was trained on, and says so', () => {
      const all = [...['a', 'v', 'x'].map((name) => picture(name, { group })), picture('b')];
      const result = assign(all, known);
      expect(told(all, result)).toEqual(['a aside', 'v aside', 'x test', 'b train']);
      expect(result.findings).toEqual([
        {
          ...{ kind: 'divided_group', path: 'a', label: 'cat', dropped: true, other: 'x' },
          reason:
            'Was in train before its group "rex" was given, which has x in test. Another split.seed divides all anew.',
        },
        expect.objectContaining({ kind: 'divided_group', path: 'v', dropped: true, other: 'x' }),
      ]);
      expect(() => assign(all, known, { ...rules, divided_group: 'fail' })).toThrow(
        /2 divided_group, such as a: .*validate\.divided_group to drop\./,
      );
    });

    it('puts newcomers of the group where the group is, and all back where they were once it is taken away', () => {
      const all = [...['a', 'v', 'new'].map((name) => picture(name, { group })), picture('x')];
      const result = assign(all, known);
      expect(told(all, result)).toEqual(['a aside', 'v validation', 'new validation', 'x test']);
      const without = all.map((one) => ({ ...one, group: undefined }));
      expect(told(without, assign(without, remember(known, all, result)))).toEqual([
        'a train',
        'v validation',
        'new validation',
        'x test',
      ]);
    });

    it('goes by what the source says of others of the group, unless that divides the group itself', () => {
      const all = [picture('x', { group }), picture('a', { group }), picture('s', { group, split: 'train' })];
      expect(told(all, assign(all, known))).toEqual(['x aside', 'a train', 's train']);
      const divided = [...all, picture('t', { group, split: 'test' }), picture('u', { split: 'validation' })];
      expect(told(divided, assign(divided, known)).slice(0, 4)).toEqual([
        'x test',
        'a train',
        's train',
        't test',
      ]);
    });

    it('keeps it together in what is carved out of the source’s train, whatever the source has in test', () => {
      const all = [
        ...['a', 'b', 'v'].map((name) => picture(name, { group, split: 'train' })),
        picture('x', { group, split: 'test' }),
      ];
      expect(told(all, assign(all, known))).toEqual(['a aside', 'b aside', 'v validation', 'x test']);
    });
  });

  it('never moves a picture, whatever comes, goes or is relabelled, and keeps its promises all along', () => {
    const seen = { train: 0, validation: 0, test: 0, aside: 0, moved: 0 };
    for (let life = 0; life < 10; life += 1) {
      const random = createRandom(`life ${life}`);
      let known: ReadonlyMap<string, SplitName> = none;
      let present = draw(random, 60);
      for (let step = 1; step <= 10; step += 1) {
        present = present
          .filter(() => random.next() > 0.1)
          .map((one) => (random.next() > 0.1 ? one : { ...one, label: labels[random.int(3)]! }));
        present = random.shuffle([...present, ...draw(random, random.int(30))]);
        const all = withLooks(present);
        const { splits, findings } = assign(all, known);
        const packed = packHashes(all.map(({ facts }) => facts?.hash));
        all.forEach((one, index) => {
          const split = splits[index];
          seen[split ?? 'aside'] += 1;
          const before = known.get(one.sha256);
          if (before !== undefined && before !== split) seen.moved += 1;
          // Whoever is of its group or looks like it is in its split, or in none.
          all.forEach((other, at) => {
            const belongs =
              packed.areNear(index, at) || (one.group !== undefined && one.group === other.group);
            const isApart = split !== undefined && splits[at] !== undefined && split !== splits[at];
            if (belongs && isApart) throw new Error(`${one.path} is in ${split}, and ${other.path} is not.`);
          });
        });
        const aside = all.filter((_, at) => splits[at] === undefined).map(({ path }) => path);
        expect(findings.map(({ kind, path }) => `${kind} ${path}`)).toEqual(
          aside.map((path) => `bridge ${path}`).sort(),
        );
        known = remember(known, all, { splits, findings });
      }
    }
    expect(seen.moved).toBe(0);
    // It was not for want of trying.
    for (const name of ['train', 'validation', 'test', 'aside'] as const) {
      expect(seen[name]).toBeGreaterThan(100);
    }
  });
});

const labels = ['cat', 'dog', 'eel'];

/** New pictures, of which some are in groups, and many look like others that have been or will be. */
function draw(random: Random, n: number): Seen[] {
  return Array.from({ length: n }, () => {
    const name = `${random.int(2 ** 32)}`;
    const group = random.next() < 0.2 ? { group: `${random.int(8)}` } : {};
    // On a line of looks, near to those beside it, or like no other.
    const line = 10 * random.int(8);
    const start = digest(`line ${random.int(12)}`);
    const turned = BigInt(`0x${start}`) ^ (2n ** BigInt(line) - 1n);
    const hash = random.next() < 0.5 ? digest(name) : turned.toString(16).padStart(64, '0');
    return { ...picture(name, { label: labels[random.int(3)]!, ...group }), hash };
  });
}

describe('requireTrainable', () => {
  it('takes two classes with pictures in every split', () => {
    expect(message({ cat: [3, 1, 0], dog: [3, 0, 1] })).toBe('');
  });

  it('says what is missing', () => {
    expect(message({})).toContain('no picture that can be read');
    expect(message({ cat: [3, 1, 1] })).toContain('only one class, "cat"');
    expect(message({ cat: [3, 0, 0], dog: [3, 0, 0] })).toContain('validation and test, of 6');
    expect(message({ cat: [3, 1, 1], dog: [0, 1, 1] })).toContain('"dog"');
  });
});
