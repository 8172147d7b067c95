import { Failure } from '../../contracts/failures';
import type {
  Collected,
  Examined,
  Finding,
  FindingKind,
  PictureFacts,
  Validation,
} from '../../contracts/schemas/dataset';
import type { SplitName } from '../../contracts/schemas/documents';
import { conflicts, exactDuplicates, lookalikes, nearConflicts, nearDuplicates } from './duplicates';
import { isNamedAsPicture, isNamedOtherwise } from './extensions';
import { compareText } from './manifest';
import { examplesOf, refuseFailing } from './refuse-failing';

/** A file of a source with all that is known of it; the problem of either, reading or examination, wins. */
export type LabelledFile = Omit<Collected, 'stamp'> & Pick<Examined, 'facts'>;

/** A picture that is taken into the dataset. */
export interface KeptPicture {
  readonly path: string;
  readonly label: string;
  readonly sha256: string;
  readonly split?: SplitName;
  readonly group?: string;
  readonly bytes: number;
  readonly facts: PictureFacts;
  /** The place, in the verdict's groups, of those that look the same; undefined where none does. */
  readonly near?: number;
}

export interface Verdict {
  /** Sorted by path. */
  readonly kept: readonly KeptPicture[];
  /** Sorted by path, then kind. */
  readonly findings: readonly Finding[];
  /** Pictures that look the same, directly or through others, two or more: indices into `kept`, ascending. */
  readonly groups: readonly (readonly number[])[];
}

/** What was found of one file. */
interface Found {
  readonly reason: string;
  readonly other?: string;
}

/** The kinds that one picture shows by itself, in the order in which they are looked for. */
const ofOnePicture: readonly (readonly [
  FindingKind,
  (picture: KeptPicture, rules: Validation) => string | undefined,
])[] = [
  [
    'animated',
    ({ facts }) => (facts.frames > 1 ? `Has ${facts.frames} frames; the first is used.` : undefined),
  ],
  [
    'tiny',
    ({ facts: { width, height } }, { min_side }) =>
      Math.min(width, height) < min_side
        ? `Is ${width} × ${height} pixels; its shorter side is below min_side.`
        : undefined,
  ],
  [
    'huge',
    ({ facts: { width, height } }, { max_megapixels }) =>
      width * height > max_megapixels * 1e6
        ? `Is ${width} × ${height} pixels; that is more than max_megapixels.`
        : undefined,
  ],
  ['cmyk', ({ facts }) => (facts.space === 'cmyk' ? 'Is in colours for print; brought to sRGB.' : undefined)],
  ['deep', ({ facts }) => (facts.depth > 8 ? `Has ${facts.depth} bits a channel; brought to 8.` : undefined)],
  [
    'turned',
    ({ facts }) =>
      facts.orientation !== 1
        ? `Is stored in EXIF orientation ${facts.orientation}; turned upright.`
        : undefined,
  ],
  [
    'wrong_extension',
    ({ path, facts }) =>
      isNamedOtherwise(path, facts.format) ? `Is ${facts.format}, and not what its name says.` : undefined,
  ],
];

/**
 * Judges a source's files by a dataset's rules, kind after kind in the order of the schema, but for `bridge` and
 * `leak`, which are the split's. A picture that one kind drops takes no part in the later ones. The order of the
 * files changes nothing.
 *
 * A file's own problem comes before its lack of a label: a README at the top is not a picture, rather than unlabelled.
 *
 * A class that is too small is one finding where it is kept, and one a picture where it is dropped, so that each
 * file that is left out stands with its reason.
 *
 * The share of `max_dropped` counts the files that are meant as pictures: those that begin as one does, and those
 * whose name ends as a picture's. A folder of notes beside its pictures passes; one whose JPEGs are half broken
 * does not. A dropped `duplicate` is no loss, and not counted.
 *
 * @throws Failure `dataset-invalid` with all findings whose policy is `fail`, or where more was dropped than
 *   `max_dropped` allows; Error where a file was never examined
 */
export function validatePictures(files: readonly LabelledFile[], rules: Validation): Verdict {
  const findings: Finding[] = [];
  /** Notes what was found of some, and gives those that go on. */
  const sift = <T extends { readonly path: string; readonly label?: string }>(
    kind: FindingKind,
    pictures: readonly T[],
    found: ReadonlyMap<number, Found>,
  ): T[] => {
    const dropped = rules[kind] === 'drop';
    return pictures.filter((picture, index) => {
      const what = found.get(index);
      if (what !== undefined) findings.push(findingOf(kind, picture, dropped, what));
      return what === undefined || !dropped;
    });
  };
  const siftAlike = (
    kind: FindingKind,
    pictures: readonly KeptPicture[],
    found: readonly { readonly index: number; readonly other: number }[],
  ): KeptPicture[] =>
    sift(
      kind,
      pictures,
      new Map(found.map(({ index, other }) => [index, alike(kind, pictures[other])] as const)),
    );

  const sorted = [...files].sort(byPlace);
  let pictures = sorted.flatMap((file) => {
    const { problem, label } = file;
    if (problem !== undefined || label === undefined || label === '') {
      const { kind, reason } = problem ?? unlabelled;
      findings.push(findingOf(kind, file, rules[kind] === 'drop', { reason }));
      return [];
    }
    return [pictureOf(file, label)];
  });
  for (const [kind, find] of ofOnePicture) {
    const found = new Map<number, Found>();
    pictures.forEach((picture, index) => {
      const reason = find(picture, rules);
      if (reason !== undefined) found.set(index, { reason });
    });
    pictures = sift(kind, pictures, found);
  }
  pictures = siftAlike('duplicate', pictures, exactDuplicates(pictures));
  pictures = siftAlike('conflict', pictures, conflicts(pictures));

  // Looking for them is the dearest step, so it is done again only where the pictures are others.
  let groups = lookalikes(pictures);
  const regroup = (left: KeptPicture[]): void => {
    if (left.length !== pictures.length) groups = lookalikes(left);
    pictures = left;
  };
  const dropping = rules.near_duplicate === 'drop';
  regroup(siftAlike('near_duplicate', pictures, nearDuplicates(pictures, groups, dropping)));
  regroup(siftAlike('near_conflict', pictures, nearConflicts(pictures, groups)));

  const small = smallClasses(pictures, rules);
  if (rules.small_class === 'drop') {
    const found = new Map<number, Found>();
    pictures.forEach(({ label }, index) => {
      const reason = small.get(label);
      if (reason !== undefined) found.set(index, { reason });
    });
    regroup(sift('small_class', pictures, found));
  } else {
    for (const [label, reason] of small) {
      findings.push(findingOf('small_class', { path: label, label }, false, { reason }));
    }
  }
  const uneven = imbalance(pictures, rules);
  if (uneven !== undefined) findings.push(uneven);

  findings.sort(
    (a, b) =>
      compareText(a.path, b.path) || compareText(a.kind, b.kind) || compareText(a.label ?? '', b.label ?? ''),
  );
  refuseFailing(findings, rules);
  refuseTooFew(files, findings, rules);
  const nearOf = new Map(groups.flatMap((group, near) => group.map((index) => [index, near] as const)));
  const kept = pictures.map((picture, index) => {
    const near = nearOf.get(index);
    return near === undefined ? picture : { ...picture, near };
  });
  return { kept, findings, groups };
}

const unlabelled = {
  kind: 'unlabelled',
  reason: 'Lies in no class folder, and nothing else names its class.',
} as const;

/** By path, by code unit; the rest decides where a source names two files alike. */
function byPlace(a: LabelledFile, b: LabelledFile): number {
  return (
    compareText(a.path, b.path) ||
    compareText(a.label ?? '', b.label ?? '') ||
    compareText(a.sha256 ?? '', b.sha256 ?? '')
  );
}

function findingOf(
  kind: FindingKind,
  { path, label }: { readonly path: string; readonly label?: string },
  dropped: boolean,
  { reason, other }: Found,
): Finding {
  return {
    ...{ kind, path, dropped, reason },
    ...(label !== undefined && label !== '' && { label }),
    ...(other !== undefined && { other }),
  };
}

function pictureOf({ path, sha256, split, group, bytes, facts }: LabelledFile, label: string): KeptPicture {
  if (sha256 === undefined || facts === undefined) {
    throw new Error(`${path} has neither facts nor a problem: it was not examined.`);
  }
  return {
    ...{ path, label, sha256, bytes, facts },
    ...(split !== undefined && { split }),
    ...(group !== undefined && { group }),
  };
}

function alike(kind: FindingKind, other: KeptPicture | undefined): Found {
  const { path = '', label = '' } = other ?? {};
  const name = JSON.stringify(label);
  switch (kind) {
    case 'duplicate':
      return { other: path, reason: `Has the same bytes and the same label as ${path}.` };
    case 'conflict':
      return { other: path, reason: `Has the same bytes as ${path}, which is labelled ${name}.` };
    case 'near_conflict':
      return { other: path, reason: `Looks the same as ${path}, which is labelled ${name}.` };
    default:
      return { other: path, reason: `Looks the same as ${path}.` };
  }
}

/** Classes of too few pictures, and what to say of them, in the order of their names. */
function smallClasses(pictures: readonly KeptPicture[], rules: Validation): Map<string, string> {
  const small = sizesOf(pictures).filter(([, size]) => size < rules.min_per_class);
  return new Map(
    small.map(([label, size]) => [
      label,
      `The class has ${size} ${size === 1 ? 'picture' : 'pictures'}, which is fewer than min_per_class.`,
    ]),
  );
}

function imbalance(pictures: readonly KeptPicture[], rules: Validation): Finding | undefined {
  const sizes = sizesOf(pictures).sort(([, a], [, b]) => a - b);
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  if (!smallest || !largest || largest[1] <= smallest[1] * rules.max_imbalance) return undefined;
  const reason =
    `The class has ${smallest[1]} pictures and ${JSON.stringify(largest[0])} has ${largest[1]}, ` +
    'which is more than max_imbalance times as many.';
  return findingOf('imbalance', { path: smallest[0], label: smallest[0] }, false, { reason });
}

function sizesOf(pictures: readonly KeptPicture[]): [string, number][] {
  const sizes = new Map<string, number>();
  for (const { label } of pictures) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return [...sizes].sort(([a], [b]) => compareText(a, b));
}

/** Some files are always left out; where it is most of them, something else is wrong. */
function refuseTooFew(
  files: readonly LabelledFile[],
  findings: readonly Finding[],
  { max_dropped }: Validation,
): void {
  const copies = new Set(findings.filter(({ kind, dropped }) => dropped && kind === 'duplicate').map(pathOf));
  const meant = new Set(
    files
      .filter(({ path, sha256 }) => sha256 !== undefined || isNamedAsPicture(path))
      .map(pathOf)
      .filter((path) => !copies.has(path)),
  );
  const dropped = findings.filter((finding) => finding.dropped && meant.has(finding.path));
  const count = new Set(dropped.map(pathOf)).size;
  if (count <= meant.size * max_dropped) return;
  const share = `${Math.round((100 * count) / meant.size)} % of the ${meant.size} that were to be pictures`;
  throw new Failure(
    'dataset-invalid',
    `${count} files were left out, such as ${examplesOf(dropped)}. That is ${share}, and more than ` +
      'validate.max_dropped allows. Correct the source, or raise validate.max_dropped.',
  );
}

function pathOf({ path }: { readonly path: string }): string {
  return path;
}
