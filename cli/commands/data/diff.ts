import type { ManifestEntry } from '../../../contracts/schemas/documents';
import { diffVersions, type VersionDiff } from '../../../lib/data/diff';
import { requireHistory, readVersionWish, shortVersion, type FoundVersion } from '../../../lib/data/versions';
import { classesOf, readManifest } from '../../../lib/data/manifest';
import type { Console } from '../../display/console';
import { count, counted, plainText } from '../../display/dataset';
import type { Colours } from '../../display/format';
import { table } from '../../display/table';
import type { Outside, SettingFlags } from '../../settings';
import { openData, wishedVersion, type DataPlace } from './wished-version';

export interface DiffFlags extends SettingFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Paths of each kind of change that are shown without `--all`. */
const mostPaths = 10;

const kinds = ['added', 'removed', 'relabelled', 'resplit', 'moved', 'changed'] as const;

/** What changed from one dataset version to another, as `git diff` would say it. */
export async function diff(
  given: string | undefined,
  other: string | undefined,
  flags: DiffFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const data = openData(flags, outside);
  const pair = await bothVersions(given, other, data);
  if ('only' in pair) {
    if (flags.json === true) out.say('null');
    else out.say(`${pair.only} has one version alone, so there is nothing to compare it with yet.`);
    return;
  }
  const { before, after } = pair;
  const [old, now] = await Promise.all([
    readManifest(data.store, before.entry.manifest),
    readManifest(data.store, after.entry.manifest),
  ]);
  const changes = diffVersions(old, now);
  const classes = perClass(old, now, changes);
  if (flags.json === true) {
    const named = ({ name, entry }: FoundVersion) => ({ name, version: entry.version, at: entry.at });
    out.say(JSON.stringify({ before: named(before), after: named(after), ...changes, classes }, null, 2));
    return;
  }
  const title = ({ name, entry }: FoundVersion): string => `${name}@${shortVersion(entry.version)}`;
  out.say(out.colours.bold(`${title(before)} → ${title(after)}`));
  const counts = kinds.filter((kind) => changes[kind].length > 0);
  if (counts.length === 0) {
    out.say('The same pictures, labels and splits.');
    return;
  }
  out.say(
    `${counted(old.length, 'picture')} → ${count(now.length)}: ` +
      counts.map((kind) => `${count(changes[kind].length)} ${kind}`).join(', '),
  );
  const most = flags.all === true ? Infinity : mostPaths;
  for (const lines of changeLines(changes, out.colours)) {
    if (lines.length > 0) out.say();
    for (const line of lines.slice(0, most)) out.say(line);
    if (lines.length > most)
      out.say(out.colours.dim(`  … and ${count(lines.length - most)} more; --all lists them`));
  }
  out.say();
  sayClasses(classes, out);
}

type Pair = { readonly before: FoundVersion; readonly after: FoundVersion } | { readonly only: string };

/** Without a second: from that to the latest. Without a version at all: from the one before the latest. */
async function bothVersions(
  given: string | undefined,
  other: string | undefined,
  data: DataPlace,
): Promise<Pair> {
  const isDatasetAlone = given === undefined || (!given.includes('@') && !/^latest(~\d+)?$/.test(given));
  if (other === undefined && isDatasetAlone) {
    const name = given ?? (await data.defaultName());
    if ((await requireHistory(data.store, name)).length === 1) return { only: name };
    const [before, after] = [`${name}@latest~1`, `${name}@latest`];
    return { before: await wishedVersion(before, data), after: await wishedVersion(after, data) };
  }
  const before = await wishedVersion(given, data);
  // `pets@latest~1 latest`, `pets@4f2a @81d0`: a version alone is of the same dataset.
  const second = other === undefined || /^latest(~\d+)?$/.test(other) ? `@${other ?? 'latest'}` : other;
  const { name } = readVersionWish(second);
  return { before, after: await wishedVersion(name === '' ? `${before.name}${second}` : second, data) };
}

function changeLines(changes: VersionDiff, { green, red, yellow, dim }: Colours): string[][] {
  const entry = ({ path, label }: ManifestEntry): string => `${plainText(path)}  ${dim(plainText(label))}`;
  return [
    changes.added.map((added) => `${green('+')} ${entry(added)}`),
    changes.removed.map((removed) => `${red('−')} ${entry(removed)}`),
    changes.relabelled.map(
      ({ before, after }) =>
        `${yellow('~')} ${plainText(after.path)}  label ${plainText(before.label)} → ${plainText(after.label)}`,
    ),
    changes.resplit.map(
      ({ before, after }) =>
        `${yellow('~')} ${plainText(after.path)}  split ${before.split} → ${after.split}`,
    ),
    changes.moved.map(
      ({ before, after }) => `${yellow('~')} ${plainText(before.path)} → ${plainText(after.path)}`,
    ),
    changes.changed.map(({ after }) => `${yellow('~')} ${entry(after)}  other bytes`),
  ];
}

interface ClassChange {
  readonly label: string;
  readonly before: number;
  readonly after: number;
  readonly added: number;
  readonly removed: number;
  /** Pictures that came from another class, or went to one. */
  readonly relabelled: number;
}

function perClass(
  old: readonly ManifestEntry[],
  now: readonly ManifestEntry[],
  { added, removed, relabelled }: VersionDiff,
): ClassChange[] {
  const tally = (entries: readonly ManifestEntry[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { label } of entries) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  };
  const [before, after, came, went] = [tally(old), tally(now), tally(added), tally(removed)];
  const changed = tally(relabelled.flatMap((change) => [change.before, change.after]));
  return classesOf([...old, ...now]).map((label) => ({
    label,
    before: before.get(label) ?? 0,
    after: after.get(label) ?? 0,
    added: came.get(label) ?? 0,
    removed: went.get(label) ?? 0,
    relabelled: changed.get(label) ?? 0,
  }));
}

function sayClasses(classes: readonly ClassChange[], out: Console): void {
  const figure = (number: number): string => (number === 0 ? '' : count(number));
  const [header, ...rows] = table(
    ['class', 'before', 'after', '+', '−', '~'],
    classes.map(({ label, before, after, added, removed, relabelled }) => [
      plainText(label),
      ...[count(before), count(after), figure(added), figure(removed), figure(relabelled)],
    ]),
    new Set([1, 2, 3, 4, 5]),
  );
  out.say(out.colours.dim(header ?? ''));
  for (const row of rows) out.say(row);
}
