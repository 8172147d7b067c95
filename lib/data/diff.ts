import type { ManifestEntry } from '../../contracts/schemas/documents';
import { compareText } from './manifest';

/** What one entry was, and what it has become. */
export interface Change {
  readonly before: ManifestEntry;
  readonly after: ManifestEntry;
}

/**
 * What differs between two versions of a dataset, each list sorted by path. An entry is in one of `added`,
 * `removed`, `changed` or, where its bytes are in both versions, in as many of the other three as are true of it.
 */
export interface VersionDiff {
  readonly added: readonly ManifestEntry[];
  readonly removed: readonly ManifestEntry[];
  /** The same bytes under another label, wherever they lie. */
  readonly relabelled: readonly Change[];
  /** The same bytes and label under another path. */
  readonly moved: readonly Change[];
  /** The same bytes in another split. */
  readonly resplit: readonly Change[];
  /** Other bytes under the same path, where the old ones have gone and the new ones have come from nowhere. */
  readonly changed: readonly Change[];
  /** Pictures of each class that either version has, sorted by name. */
  readonly classes: readonly { readonly label: string; readonly before: number; readonly after: number }[];
}

/**
 * Compares two versions of a dataset. The same bytes may stand under several paths: each entry is paired with one
 * of the other version at most, the most similar first, so that a second copy that comes is added, not moved.
 */
export function diffVersions(before: readonly ManifestEntry[], after: readonly ManifestEntry[]): VersionDiff {
  const old = new Set(sortedByPath(before));
  const now = new Set(sortedByPath(after));
  const same = likenesses.flatMap((keyOf) => takePairs(old, now, keyOf));
  const changed = takePairs(old, now, ({ path }) => path);
  return {
    added: [...now],
    removed: [...old],
    relabelled: sortedChanges(same.filter((pair) => pair.before.label !== pair.after.label)),
    moved: sortedChanges(
      same.filter((pair) => pair.before.label === pair.after.label && pair.before.path !== pair.after.path),
    ),
    resplit: sortedChanges(same.filter((pair) => pair.before.split !== pair.after.split)),
    changed,
    classes: classCounts(before, after),
  };
}

/** By what two entries of the same bytes are one: all of it, then ever less. */
const likenesses: readonly ((entry: ManifestEntry) => string)[] = [
  ({ sha256, path, label, split }) => JSON.stringify([sha256, path, label, split]),
  ({ sha256, path, label }) => JSON.stringify([sha256, path, label]),
  ({ sha256, path }) => JSON.stringify([sha256, path]),
  ({ sha256, label, split }) => JSON.stringify([sha256, label, split]),
  ({ sha256, label }) => JSON.stringify([sha256, label]),
  ({ sha256 }) => sha256,
];

/** Takes from both sets what has one key, in pairs, in the sets' order. */
function takePairs(
  old: Set<ManifestEntry>,
  now: Set<ManifestEntry>,
  keyOf: (entry: ManifestEntry) => string,
): Change[] {
  const waiting = new Map<string, ManifestEntry[]>();
  // From the last to the first, so that the first is on top.
  for (const entry of [...old].reverse()) {
    const key = keyOf(entry);
    const others = waiting.get(key);
    if (others) others.push(entry);
    else waiting.set(key, [entry]);
  }
  const pairs: Change[] = [];
  for (const entry of now) {
    const match = waiting.get(keyOf(entry))?.pop();
    if (match === undefined) continue;
    pairs.push({ before: match, after: entry });
    old.delete(match);
    now.delete(entry);
  }
  return pairs;
}

function byPath(a: ManifestEntry, b: ManifestEntry): number {
  return compareText(a.path, b.path) || compareText(a.sha256, b.sha256) || compareText(a.label, b.label);
}

function sortedByPath(entries: readonly ManifestEntry[]): ManifestEntry[] {
  return [...entries].sort(byPath);
}

function sortedChanges(changes: readonly Change[]): Change[] {
  return [...changes].sort((a, b) => byPath(a.after, b.after));
}

function classCounts(
  before: readonly ManifestEntry[],
  after: readonly ManifestEntry[],
): VersionDiff['classes'] {
  const counts = new Map<string, { before: number; after: number }>();
  const add = (entries: readonly ManifestEntry[], side: 'before' | 'after'): void => {
    for (const { label } of entries) {
      const row = counts.get(label) ?? { before: 0, after: 0 };
      row[side] += 1;
      counts.set(label, row);
    }
  };
  add(before, 'before');
  add(after, 'after');
  return [...counts].map(([label, row]) => ({ label, ...row })).sort((a, b) => compareText(a.label, b.label));
}
