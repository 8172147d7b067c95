import { createHash } from 'node:crypto';
import { Failure } from '../../contracts/failures';
import { splitNames, type SplitName } from '../../contracts/schemas/documents';
import type { Split } from '../../contracts/schemas/pipeline';
import { classesOf } from './manifest';

/** What a split is decided by: a picture's content, and what its source says. */
export interface Splittable {
  readonly label: string;
  readonly sha256: string;
  readonly split?: SplitName;
}

/** A number in [0, 1) that depends on the seed and the picture's content alone. */
function place(seed: number, sha256: string): number {
  return createHash('sha256').update(`${seed} ${sha256}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * The split of each picture. Those that their source has assigned keep it; the others fall by their content
 * alone, so that a picture which comes or goes never moves another. The shares are met on average, not
 * exactly: that is the price. A source that gives `train` and `test` but no `validation` has the validation
 * taken out of its `train`, in the proportion that the shares give.
 */
export function assignSplits(pictures: readonly Splittable[], split: Split): SplitName[] {
  const given = new Set(pictures.map((picture) => picture.split));
  const carve = given.has('train') && given.has('test') && !given.has('validation');
  const ofTrain = split.validation / (1 - split.test);
  return pictures.map((picture) => {
    const at = place(split.seed, picture.sha256);
    if (picture.split === 'train' && carve) return at < ofTrain ? 'validation' : 'train';
    if (picture.split !== undefined) return picture.split;
    if (at < split.test) return 'test';
    return at < split.test + split.validation ? 'validation' : 'train';
  });
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
