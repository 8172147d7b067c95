import { findingKinds, type Finding, type FindingKind } from '../../../contracts/schemas/dataset';
import { splitNames, type SplitName } from '../../../contracts/schemas/documents';
import { compareText } from '../manifest';
import { countPictures, countSplits } from '../split';
import type { CardContent, CardPicture } from './content';

/** Where the middle and the ends of some values lie. */
export interface Spread {
  readonly low: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly high: number;
}

export interface ClassSummary {
  readonly label: string;
  readonly perSplit: Readonly<Record<SplitName, number>>;
  readonly total: number;
  readonly bytes: number;
  readonly brightness: Spread;
  readonly contrast: Spread;
}

/** Pictures of the version that look the same, two or more. */
export interface NearGroup {
  readonly pictures: readonly CardPicture[];
  readonly labels: readonly string[];
  readonly splits: readonly SplitName[];
}

export interface KindSummary {
  readonly kind: FindingKind;
  readonly findings: readonly Finding[];
  readonly dropped: number;
}

/** The figures of the card, counted once. */
export interface Summary {
  /** The largest first. */
  readonly classes: readonly ClassSummary[];
  readonly perSplit: Readonly<Record<SplitName, number>>;
  readonly bytes: number;
  /** Files that were left out, each once, however much was found about it. */
  readonly leftOut: number;
  readonly brightness: Spread;
  readonly contrast: Spread;
  /** The largest class over the smallest. */
  readonly imbalance: number;
  /** Those across classes first, then those across splits, then the largest. */
  readonly nearGroups: readonly NearGroup[];
  /** Of the kinds that were found, in the order of the schema. */
  readonly kinds: readonly KindSummary[];
}

export function summarise({ pictures, findings }: CardContent): Summary {
  const counts = countPictures(pictures);
  const byLabel = groupBy(pictures, ({ label }) => label);
  const classes = [...counts]
    .map(([label, perSplit]) => summariseClass(label, perSplit, byLabel.get(label) ?? []))
    .sort((a, b) => b.total - a.total || compareText(a.label, b.label));
  const byKind = groupBy(findings, ({ kind }) => kind);
  const dropped = findings.filter((finding) => finding.dropped);
  return {
    classes,
    perSplit: countSplits(counts),
    bytes: sum(pictures, (picture) => picture.bytes),
    leftOut: new Set(dropped.map(({ path }) => path)).size,
    brightness: spreadOf(pictures.map(({ facts }) => facts.brightness)),
    contrast: spreadOf(pictures.map(({ facts }) => facts.contrast)),
    imbalance: (classes[0]?.total ?? 0) / (classes.at(-1)?.total ?? 1),
    nearGroups: nearGroupsOf(pictures),
    kinds: findingKinds.flatMap((kind) => {
      const found = byKind.get(kind);
      if (found === undefined) return [];
      return [{ kind, findings: found, dropped: found.filter((finding) => finding.dropped).length }];
    }),
  };
}

function summariseClass(
  label: string,
  perSplit: Readonly<Record<SplitName, number>>,
  pictures: readonly CardPicture[],
): ClassSummary {
  return {
    label,
    perSplit,
    total: pictures.length,
    bytes: sum(pictures, (picture) => picture.bytes),
    brightness: spreadOf(pictures.map(({ facts }) => facts.brightness)),
    contrast: spreadOf(pictures.map(({ facts }) => facts.contrast)),
  };
}

function nearGroupsOf(pictures: readonly CardPicture[]): NearGroup[] {
  const near = pictures.filter((picture) => picture.near !== undefined);
  return [...groupBy(near, (picture) => picture.near).values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      pictures: [...group].sort((a, b) => compareText(a.path, b.path)),
      labels: [...new Set(group.map(({ label }) => label))].sort(compareText),
      splits: splitNames.filter((split) => group.some((picture) => picture.split === split)),
    }))
    .sort(
      (a, b) =>
        b.labels.length - a.labels.length ||
        b.splits.length - a.splits.length ||
        b.pictures.length - a.pictures.length ||
        compareText(a.pictures[0]?.path ?? '', b.pictures[0]?.path ?? ''),
    );
}

/** 5 %, 25 %, 50 %, 75 % and 95 % of some values; of none, zeros. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return {
    low: quantile(sorted, 0.05),
    lower: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upper: quantile(sorted, 0.75),
    high: quantile(sorted, 0.95),
  };
}

/** Interpolated linearly, as NumPy's default (Hyndman and Fan's type 7). */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? below) - below);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** In the order in which the keys come. */
export function groupBy<T, K>(items: readonly T[], of: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = of(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
