import type { Finding, FindingKind } from '../../../contracts/schemas/dataset';
import { createRandom } from '../../random';
import { mapConcurrently } from '../concurrently';
import { compareText } from '../manifest';
import type { CardContent, CardPicture } from './content';
import { groupBy, type NearGroup, type Summary } from './summary';

/** Longer side of a thumbnail in pixels: sharp at about half of it on a dense screen. */
const side = 160;
/** Thumbnails being made at once. */
const hands = 4;
/** Of base64, on the whole page: a card is sent by mail and opened on a phone. */
const mostCharacters = 1_500_000;

/** Shares of the two hundred thumbnails that a card may hold. */
const most = { samples: 120, ofClass: 8, classes: 60, groups: 10, ofGroup: 5, pairs: 6 };

/** A picture to show; of a file that was left out only the path is certain. */
export interface Shown {
  readonly path: string;
  readonly sha256?: string | undefined;
  readonly label?: string | undefined;
  readonly picture?: CardPicture | undefined;
}

/** A finding about two files, to be looked at side by side. */
export interface Pair {
  readonly finding: Finding;
  readonly one: Shown;
  readonly other: Shown;
}

/** Kinds of finding that are about two files that a person has to compare. */
export const pairKinds = ['conflict', 'near_conflict', 'leak'] as const satisfies readonly FindingKind[];

/** What the card shows of its pictures: chosen by the version, so that the same version has the same card. */
export interface Gallery {
  /** Of the largest classes, by label. */
  readonly samples: ReadonlyMap<string, readonly CardPicture[]>;
  readonly groups: readonly { readonly group: NearGroup; readonly pictures: readonly CardPicture[] }[];
  readonly pairs: ReadonlyMap<FindingKind, readonly Pair[]>;
  /** `data:` URIs by digest; what can't be shown is missing. */
  readonly images: ReadonlyMap<string, string>;
}

/** Chooses what to show, and has it made small. */
export async function hangGallery(content: CardContent, summary: Summary): Promise<Gallery> {
  const samples = chooseSamples(content, summary);
  const groups = summary.nearGroups
    .slice(0, most.groups)
    .map((group) => ({ group, pictures: someOf(group) }));
  const pairs = choosePairs(content);
  // What a person has to decide on comes first, should the room not suffice for all.
  const wanted = [
    ...[...pairs.values()].flat().flatMap(({ one, other }) => [one.sha256, other.sha256]),
    ...[...samples.values()].flat().map(({ sha256 }) => sha256),
    ...groups.flatMap(({ pictures }) => pictures.map(({ sha256 }) => sha256)),
  ].filter((sha256) => sha256 !== undefined);
  return { samples, groups, pairs, images: await makeImages(wanted, content) };
}

async function makeImages(
  wanted: readonly string[],
  { thumbnail }: CardContent,
): Promise<Map<string, string>> {
  const uses = [...groupBy(wanted, (sha256) => sha256)];
  const made = await mapConcurrently(uses, hands, ([sha256]) => thumbnail(sha256, side));
  const images = new Map<string, string>();
  let characters = 0;
  for (const [index, [sha256, used]] of uses.entries()) {
    const jpeg = made[index];
    if (jpeg === undefined) continue;
    const uri = `data:image/jpeg;base64,${jpeg.toString('base64')}`;
    // It is written as often as it is used.
    if (characters + uri.length * used.length > mostCharacters) continue;
    characters += uri.length * used.length;
    images.set(sha256, uri);
  }
  return images;
}

function chooseSamples({ version, pictures }: CardContent, { classes }: Summary): Map<string, CardPicture[]> {
  const shown = classes.slice(0, most.classes);
  const ofClass = Math.min(most.ofClass, Math.floor(most.samples / Math.max(1, shown.length)));
  const byLabel = groupBy(pictures, ({ label }) => label);
  const random = createRandom(version).fork('samples');
  return new Map(
    shown.map(({ label }) => {
      const inOrder = (byLabel.get(label) ?? []).sort((a, b) => compareText(a.path, b.path));
      const drawn = random.fork(label).shuffle(inOrder);
      return [label, unlikeFirst(drawn).slice(0, ofClass)];
    }),
  );
}

/** One picture of each near-duplicate group first: eight views of one scene say little about a class. */
function unlikeFirst(pictures: readonly CardPicture[]): CardPicture[] {
  const seen = new Set<number>();
  const again: CardPicture[] = [];
  const first = pictures.filter((picture) => {
    const known = picture.near !== undefined && seen.has(picture.near);
    if (known) again.push(picture);
    else if (picture.near !== undefined) seen.add(picture.near);
    return !known;
  });
  return [...first, ...again];
}

/** Of each label and split in the group at least one, as far as there is room. */
function someOf({ pictures }: NearGroup): CardPicture[] {
  const kinds = groupBy(pictures, ({ label, split }) => JSON.stringify([label, split]));
  const firsts = [...kinds.values()].flatMap((alike) => alike.slice(0, 1));
  const rest = pictures.filter((picture) => !firsts.includes(picture));
  return [...firsts, ...rest].slice(0, most.ofGroup).sort((a, b) => compareText(a.path, b.path));
}

function choosePairs({ pictures, findings, leftOut }: CardContent): Map<FindingKind, Pair[]> {
  const byPath = new Map(pictures.map((picture) => [picture.path, picture]));
  const labels = new Map(findings.map(({ path, label }) => [path, label]));
  const shownOf = (path: string): Shown => {
    const picture = byPath.get(path);
    const sha256 = picture?.sha256 ?? leftOut?.get(path);
    return { path, sha256, picture, label: picture?.label ?? labels.get(path) };
  };
  const pairs = new Map<FindingKind, Pair[]>(pairKinds.map((kind) => [kind, []]));
  const seen = new Set<string>();
  for (const finding of findings) {
    const { kind, path, other } = finding;
    const chosen = pairs.get(kind);
    if (chosen === undefined || other === undefined || chosen.length >= most.pairs) continue;
    // Each of two files is often found to be like the other.
    const key = JSON.stringify([kind, ...[path, other].sort()]);
    if (seen.has(key)) continue;
    seen.add(key);
    chosen.push({ finding, one: shownOf(path), other: shownOf(other) });
  }
  return pairs;
}
