import { Failure } from '../../../contracts/failures';
import { diffVersions } from '../../../lib/data/diff';
import { readManifest } from '../../../lib/data/manifest';
import {
  compareVersions,
  type Difference,
  type VersionComparison,
} from '../../../lib/registry/compare-versions';
import { readVersionFacts } from '../../../lib/registry/version-facts';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import type { Store } from '../../../lib/storage/store';
import type { Console } from '../../display/console';
import { count, plainText } from '../../display/dataset';
import { bytes, figure, inline, percent } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { openModels, wishedVersion, type JsonFlags } from './place';

/** What two versions do not have alike: configuration, data, figures, recall of each class, size. */
export async function diffModels(
  [one, other]: readonly [string, string],
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const before = await wishedVersion(one, place);
  // `animals@1 2` means two versions of animals.
  const after = await wishedVersion(
    /^(v?\d+|latest)$/i.test(other) ? `${before.name}@${other}` : other,
    place,
  );
  const comparison = compareVersions(
    await readVersionFacts(place.store, before),
    await readVersionFacts(place.store, after),
  );
  const pictures = await picturesBetween(place.store, before, after);
  if (flags.json === true) {
    const titles = { before: titleOf(before), after: titleOf(after) };
    out.say(JSON.stringify({ ...titles, ...comparison, pictures: pictures ?? null }, null, 2));
    return;
  }
  sayDiff(titleOf(before), titleOf(after), comparison, pictures, out);
}

const titleOf = ({ name, version }: ModelVersion): string => `${name}@${version}`;

type Pictures = Readonly<Record<'added' | 'removed' | 'relabelled' | 'resplit' | 'changed', number>>;

/** How the dataset versions differ; undefined where they are one, or one of them is gone. */
async function picturesBetween(
  store: Store,
  before: ModelVersion,
  after: ModelVersion,
): Promise<Pictures | undefined> {
  const [one, other] = [before.lineage.manifest, after.lineage.manifest];
  if (one.sha256 === other.sha256) return undefined;
  try {
    const diff = diffVersions(await readManifest(store, one), await readManifest(store, other));
    const { added, removed, relabelled, resplit, changed } = diff;
    return {
      added: added.length,
      removed: removed.length,
      relabelled: relabelled.length,
      resplit: resplit.length,
      changed: changed.length,
    };
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return undefined;
    throw error;
  }
}

function sayDiff(
  before: string,
  after: string,
  comparison: VersionComparison,
  pictures: Pictures | undefined,
  out: Console,
): void {
  const { bold, dim } = out.colours;
  const parts: [string, string[][]][] = [
    ['configuration', rowsOf(comparison.configuration, inline)],
    ['data', rowsOf(comparison.data, (value) => shortDigest(inline(value)))],
    ['figures', rowsOf(comparison.metrics, figure, changeOf)],
    ['recall', rowsOf(comparison.recall, percent, pointsOf)],
    ['size', rowsOf(comparison.size, sizeText, factorOf)],
  ];
  const differing = parts.filter(([, rows]) => rows.length > 0);
  if (differing.length === 0) {
    out.say(`${before} and ${after} have everything alike that is recorded of them.`);
    return;
  }
  // One table, so that the columns of all its parts stand under each other.
  const lines = table(
    ['', before, after, 'change'],
    differing.flatMap(([title, rows], at) => [
      ...(at > 0 ? [['']] : []),
      [title],
      ...rows.map(([name = '', ...cells]) => [`  ${plainText(name)}`, ...cells.map(plainText)]),
    ]),
    new Set([1, 2, 3]),
  );
  const titles = new Set(differing.map(([title]) => title));
  lines.forEach((line, at) => out.say(at === 0 ? dim(line) : titles.has(line) ? bold(line) : line));
  if (pictures !== undefined) {
    const changes = Object.entries(pictures).filter(([, number]) => number > 0);
    out.say();
    out.say(`pictures    ${changes.map(([what, number]) => `${count(number)} ${what}`).join(', ')}`);
  }
  if (!comparison.samePictures) {
    out.say();
    out.say(
      dim('The figures are of different test pictures; npx drover run evaluate compares on the same ones.'),
    );
  }
}

function rowsOf<Value>(
  differences: readonly Difference<Value>[],
  text: (value: Value, name: string) => string,
  change: (before: Value, after: Value) => string = () => '',
): string[][] {
  return differences.map(({ name, before, after }) => [
    name,
    before === undefined ? '–' : text(before, name),
    after === undefined ? '–' : text(after, name),
    before === undefined || after === undefined ? '' : change(before, after),
  ]);
}

const shortDigest = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text);

const signed = (text: string, value: number): string => `${value > 0 ? '+' : value < 0 ? '−' : ''}${text}`;

function changeOf(before: number, after: number): string {
  return signed(figure(Math.abs(after - before)), after - before);
}

function pointsOf(before: number, after: number): string {
  return signed(`${(Math.abs(after - before) * 100).toFixed(1)} points`, after - before);
}

function factorOf(before: number, after: number): string {
  return before === 0 ? '' : `× ${(after / before).toFixed(2)}`;
}

const sizeText = (value: number, name: string): string =>
  name.endsWith('bytes') ? bytes(value) : count(value);
