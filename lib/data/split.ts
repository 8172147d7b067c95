import type { Finding, Validation } from '../../contracts/schemas/dataset';
import { Failure } from '../../contracts/failures';
import { splitNames, type SplitName } from '../../contracts/schemas/documents';
import type { Split } from '../../contracts/schemas/pipeline';
import { outsideTheirGroup } from './divided-groups';
import { createKinship, type Kinship, type Relative } from './kinship';
import { classesOf, compareText } from './manifest';
import { refuseFailing } from './refuse-failing';
import { stratify } from './stratify';

/** What a split is decided by: a picture's content and look, and what its source says. */
export interface Splittable extends Relative {
  /** Of equal contents, the first by path is named in findings; it decides nothing else. */
  readonly path: string;
  readonly label: string;
  readonly split?: SplitName | undefined;
}

/** What is done about pictures that no split is right for. */
type SplitRules = Pick<Validation, 'bridge' | 'leak' | 'divided_group'>;

export interface Assignment {
  /** Of each picture, in their order; undefined for those that are set aside. */
  readonly splits: (SplitName | undefined)[];
  /** Of the kinds `divided_group`, `bridge` and `leak`, sorted by path. */
  readonly findings: Finding[];
}

/** The order in which splits are kept clean: of two that look alike, the one in the earlier split gives way. */
const leastGuardedFirst = ['train', 'validation', 'test'] as const satisfies readonly SplitName[];

/**
 * The split of each picture.
 *
 * - What the source assigns is kept, and comes before anything that is known. A source that gives `train` and `test` but
 *   no `validation` has the validation taken out of its `train`, in the proportion that the shares give.
 * - A picture that is known keeps its split, whatever comes, goes or is relabelled.
 * - Where pictures that are known in different splits have become one group, those outside the group's split are a
 *   `divided_group` and set aside ({@link outsideTheirGroup}); without the group they are again where they were.
 * - Newcomers that belong together, by bytes, by look or by group, are placed together: where there are pictures that
 *   they belong with, in those pictures' split, and else so that each class meets the shares ({@link stratify}).
 * - A newcomer that belongs into two splits, by itself or through other newcomers, is a `bridge`: in whichever it
 *   was, the other would know it. It is set aside, or with `keep` put where it does least harm, into train if it can be.
 * - A picture in train that looks the same as one in validation or test is a `leak`, and so is one in validation that
 *   looks the same as one in test; with `drop` it is set aside. Only the source, and what `keep` has let through
 *   before, bring these about.
 *
 * The result depends on the pictures, the shares, the seed and what is known: not on the pictures' order.
 *
 * @param known - the split of each picture, by its digest, in which it has been before; also of some that are gone
 * @throws Failure `dataset-invalid` where there is a divided group, a bridge or a leak whose policy is `fail`
 */
export function assignSplits(
  pictures: readonly Splittable[],
  split: Split,
  known: ReadonlyMap<string, SplitName>,
  rules: SplitRules,
): Assignment {
  const order = pictures.map((_, index) => index).sort((a, b) => byPlace(pictures[a], pictures[b]));
  const sorted = order.flatMap((index) => pictures[index] ?? []);
  const kinship = createKinship(sorted);
  const given = new Set(sorted.map((picture) => picture.split));
  const isCarved = given.has('train') && given.has('test') && !given.has('validation');
  const splits = sorted.map((picture) => settledSplit(picture, known, isCarved));

  const left = sorted.flatMap((_, index) => (splits[index] === undefined ? [index] : []));
  const [carved, free] = [
    left.filter((index) => sorted[index]?.split !== undefined),
    left.filter((index) => sorted[index]?.split === undefined),
  ];
  const findings = [
    ...partGroups({ sorted, kinship, splits, rules, isCarved }),
    ...place(carved, { sorted, kinship, splits, split, among: ['train', 'validation'], rules }),
    ...place(free, { sorted, kinship, splits, split, among: splitNames, rules }),
    ...leaks({ sorted, kinship, splits, rules }),
  ].sort((a, b) => compareText(a.path, b.path) || compareText(a.kind, b.kind));
  refuseFailing(findings, rules);

  const assigned: (SplitName | undefined)[] = pictures.map(() => undefined);
  order.forEach((index, at) => (assigned[index] = splits[at]));
  return { splits: assigned, findings };
}

function byPlace(a: Splittable | undefined, b: Splittable | undefined): number {
  if (!a || !b) return 0;
  return (
    compareText(a.path, b.path) ||
    compareText(a.sha256, b.sha256) ||
    compareText(a.label, b.label) ||
    compareText(a.split ?? '', b.split ?? '')
  );
}

/** The split that a picture has before any newcomer is placed. */
function settledSplit(
  { sha256, split }: Splittable,
  known: ReadonlyMap<string, SplitName>,
  isCarved: boolean,
): SplitName | undefined {
  const before = known.get(sha256);
  if (split !== 'train' || !isCarved) return split ?? before;
  // The source has no word for validation: its train may be either, and a test picture of before is neither.
  return before === 'test' ? undefined : before;
}

interface Placing {
  readonly sorted: readonly Splittable[];
  readonly kinship: Kinship;
  /** Of each picture; filled in. */
  readonly splits: (SplitName | undefined)[];
  readonly rules: SplitRules;
}

/** Sets aside, and tells of, the pictures that a group has joined with some of another split. */
function partGroups({
  sorted,
  kinship,
  splits,
  rules,
  isCarved,
}: Placing & { readonly isCarved: boolean }): Finding[] {
  const settled = sorted.flatMap((_, index) => (splits[index] === undefined ? [] : [index]));
  const said = settled.filter((index) => sorted[index]?.split !== undefined);
  const unsaid = settled.filter((index) => sorted[index]?.split === undefined);
  const carved = isCarved ? said.filter((index) => sorted[index]?.split === 'train') : [];
  const findings: Finding[] = [];
  // Of what is carved, the source has said that it is not in test, and no more: it comes first, by itself.
  for (const [kept, given] of [
    [carved, []],
    [unsaid, said],
  ] as const) {
    const among = { kept: new Set(kept), given: new Set(given) };
    for (const [index, at] of outsideTheirGroup(kinship.groups, splits, among)) {
      const [picture, other] = [sorted[index], sorted[at]?.path ?? ''];
      const reason =
        `Was in ${splits[index] ?? ''} before its group ${JSON.stringify(picture?.group)} was given, which has ` +
        `${other} in ${splits[at] ?? ''}. Another split.seed divides all anew.`;
      findings.push(findingOf('divided_group', picture, other, reason, rules));
      splits[index] = undefined;
    }
  }
  return findings;
}

/**
 * Gives newcomers their splits, and tells of those that belong into two.
 *
 * @param placing.among - the splits that they may be in; what is in others does not count
 */
function place(
  newcomers: readonly number[],
  placing: Placing & { readonly split: Split; readonly among: readonly SplitName[] },
): Finding[] {
  if (newcomers.length === 0) return [];
  const { sorted, kinship, splits, split, among, rules } = placing;
  const counting = splits.map((name) => (name !== undefined && among.includes(name) ? name : undefined));
  const units = kinship.unite(newcomers, counting);
  const findings: Finding[] = [];
  for (const { members, ties } of units) {
    if (ties.size === 0) continue;
    const [first, second] = leastGuardedFirst.filter((name) => ties.has(name));
    for (const index of members) {
      if (second === undefined || rules.bridge === 'keep') splits[index] = first;
    }
    if (first === undefined || second === undefined) continue;
    const [one, other] = [first, second].map((name) => sorted[ties.get(name) ?? 0]?.path ?? '');
    const reason = `Is new, and belongs with ${one} in ${first} as well as with ${other} in ${second}.`;
    findings.push(...members.map((index) => findingOf('bridge', sorted[index], one, reason, rules)));
  }

  const unbound = units.filter(({ ties }) => ties.size === 0);
  const placed = sorted.flatMap(({ label }, index) => {
    const name = splits[index];
    return name !== undefined && among.includes(name) ? [{ label, split: name }] : [];
  });
  const shares = { ...split, train: 1 - split.validation - split.test };
  const chosen = stratify(
    unbound.map(({ members }) => placeable(members.flatMap((index) => sorted[index] ?? []))),
    countPictures(placed),
    {
      train: among.includes('train') ? shares.train : 0,
      validation: among.includes('validation') ? shares.validation : 0,
      test: among.includes('test') ? shares.test : 0,
    },
    split.seed,
  );
  unbound.forEach(({ members }, at) => {
    for (const index of members) splits[index] = chosen[at];
  });
  return findings;
}

function placeable(members: readonly Splittable[]) {
  const labels = new Map<string, number>();
  for (const { label } of members) labels.set(label, (labels.get(label) ?? 0) + 1);
  const [key = ''] = members.map(({ sha256 }) => sha256).sort(compareText);
  return { key, labels };
}

/** Tells of pictures that look the same as one in a split that must not know them, and sets them aside where it is the rule. */
function leaks({ sorted, kinship, splits, rules }: Placing): Finding[] {
  const findings: Finding[] = [];
  const divided = kinship.lookalikes.filter(
    (members) => new Set(members.flatMap((index) => splits[index] ?? [])).size > 1,
  );
  // What validation loses to test, train needs not lose to validation.
  for (const split of leastGuardedFirst.toReversed()) {
    const guarded = leastGuardedFirst.slice(leastGuardedFirst.indexOf(split) + 1);
    const others = new Map<number, number>();
    for (const members of divided) {
      const there = members.filter((index) => guarded.some((name) => name === splits[index]));
      for (const index of members) {
        if (splits[index] !== split || there.length === 0) continue;
        const other = there.find((one) => kinship.areAlike(index, one));
        if (other !== undefined) others.set(index, Math.min(others.get(index) ?? other, other));
      }
    }
    for (const [index, at] of others) {
      const other = sorted[at]?.path ?? '';
      const reason = `Is in ${split}, and looks the same as ${other} in ${splits[at] ?? ''}.`;
      findings.push(findingOf('leak', sorted[index], other, reason, rules));
    }
    if (rules.leak === 'drop') for (const index of others.keys()) splits[index] = undefined;
  }
  return findings;
}

function findingOf(
  kind: keyof SplitRules,
  picture: Splittable | undefined,
  other: string | undefined,
  reason: string,
  rules: SplitRules,
): Finding {
  const { path = '', label = '' } = picture ?? {};
  return {
    kind,
    path,
    label,
    dropped: rules[kind] === 'drop',
    reason,
    ...(other !== undefined && { other }),
  };
}

/** How many pictures each class has in each split. */
export type Counts = ReadonlyMap<string, Readonly<Record<SplitName, number>>>;

export function countPictures(
  entries: readonly { readonly label: string; readonly split: SplitName }[],
): Counts {
  const counts = new Map<string, Record<SplitName, number>>(
    classesOf(entries).map((label) => [label, { train: 0, validation: 0, test: 0 }]),
  );
  for (const { label, split } of entries) {
    const row = counts.get(label);
    if (row !== undefined) row[split] += 1;
  }
  return counts;
}

/** The sum over the classes. */
export function countSplits(counts: Counts): Record<SplitName, number> {
  const sums = { train: 0, validation: 0, test: 0 };
  for (const row of counts.values()) for (const name of splitNames) sums[name] += row[name];
  return sums;
}

/**
 * Says whether a model can be trained, chosen and tested on these: two classes or more, each with a picture
 * to learn from, and no split empty. An empty split is refused rather than filled by moving pictures, which
 * would let the next picture that comes move them back.
 *
 * @throws Failure `dataset-invalid`
 */
export function requireTrainable(counts: Counts): void {
  const classes = [...counts.keys()];
  if (classes.length < 2) {
    const found = classes.length === 0 ? 'no picture that can be read' : `only one class, ${quoted(classes)}`;
    throw new Failure(
      'dataset-invalid',
      `Found ${found}; expected two classes or more, each a folder with its pictures in it.`,
    );
  }
  const sums = countSplits(counts);
  const empty = splitNames.filter((name) => sums[name] === 0);
  if (empty.length > 0) {
    const pictures = sums.train + sums.validation + sums.test;
    throw new Failure(
      'dataset-invalid',
      `No picture fell to ${empty.join(' and ')}, of ${pictures} in all. Add pictures, raise the share under ` +
        'split, or put them into folders named train, validation and test yourself.',
    );
  }
  const untaught = classes.filter((label) => counts.get(label)?.train === 0);
  if (untaught.length > 0) {
    throw new Failure(
      'dataset-invalid',
      `Nothing to learn ${quoted(untaught)} from: no picture of it is in train. Add pictures or remove the class.`,
    );
  }
}

function quoted(labels: readonly string[]): string {
  const shown = labels.slice(0, 5).map((label) => JSON.stringify(label));
  return shown.join(', ') + (labels.length > shown.length ? ` and ${labels.length - shown.length} more` : '');
}
