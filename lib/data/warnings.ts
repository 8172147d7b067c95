import type { Finding, FindingKind } from '../../contracts/schemas/dataset';
import { splitNames } from '../../contracts/schemas/documents';
import type { Counts } from './split';

/** Findings that a person should hear of before training, and what of them; the rest is for the card. */
const words: Partial<Record<FindingKind, (count: number) => string>> = {
  leak: (count) =>
    `${counted(count, 'picture looks', 'pictures look')} the same as one in another split, which flatters the test`,
  divided_group: (count) =>
    `${counted(count, 'picture was', 'pictures were')} left out, whose group was given after the division and has ` +
    'another split; another split.seed divides all anew',
  conflict: (count) => `${counted(count, 'file lies', 'files lie')} under two labels at once`,
  near_conflict: (count) =>
    `${counted(count, 'picture looks', 'pictures look')} the same as one of another class`,
  damaged: (count) => `${counted(count, 'file is', 'files are')} cut off or damaged`,
  small_class: (count) => `${counted(count, 'class has', 'classes have')} few pictures`,
  imbalance: () => 'the classes differ much in size',
};

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A few lines on what is worth a look in a dataset version. */
export function warningsOf(findings: readonly Finding[], counts: Counts): string[] {
  const perKind = new Map<FindingKind, Set<string>>();
  for (const { kind, path, label } of findings) {
    // A class that is left out has a finding for each of its pictures.
    const named = kind === 'small_class' ? (label ?? path) : path;
    perKind.set(kind, (perKind.get(kind) ?? new Set()).add(named));
  }
  const lines = Object.entries(words).flatMap(([kind, say]) => {
    const count = [...perKind].find(([found]) => found === kind)?.[1].size ?? 0;
    return count > 0 ? [say(count)] : [];
  });
  const bare = [...counts].filter(([, row]) => splitNames.some((split) => row[split] === 0));
  if (bare.length > 0)
    lines.push(`${counted(bare.length, 'class has', 'classes have')} no picture in one of the splits`);
  return lines;
}
