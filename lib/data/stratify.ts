import { createHash } from 'node:crypto';
import { splitNames, type SplitName } from '../../contracts/schemas/documents';
import { compareText } from './manifest';

type PerSplit = Record<SplitName, number>;

/** Pictures that go into one split together. */
export interface Placeable {
  /** What its turn is drawn by, with the seed; no two units have the same. */
  readonly key: string;
  /** How many pictures of each class it has. */
  readonly labels: ReadonlyMap<string, number>;
}

/** A class of fewer pictures cannot be in all splits. */
const leastForAll = splitNames.length;

/** Shares are decimal fractions, so that what is equally far behind is not always the same number. */
const tolerance = 1e-9;

/**
 * Places units so that each class is spread over the splits by the shares: in an order drawn from the seed and
 * each unit's key alone, each goes to the split that is furthest behind in the unit's classes. Of equals it is the
 * one that is furthest behind over all classes, or else many small classes would all give their odd picture to one
 * split. Where no picture is placed already and each unit is of one class, a class's pictures in a split differ from
 * its share by less than one unit's size.
 *
 * Then a class of three pictures or more that has none in some split gives its smallest unit there, where it has
 * one to give.
 *
 * @param have - the pictures of each class that are placed already, and stay
 * @param shares - of the splits; one of share 0 gets nothing, and they need not add up to 1
 * @returns the split of each unit, in the units' order
 */
export function stratify(
  units: readonly Placeable[],
  have: ReadonlyMap<string, Readonly<PerSplit>>,
  shares: Readonly<PerSplit>,
  seed: number,
): SplitName[] {
  const turns = units
    .map((unit, index) => ({ unit, index, draw: drawn(seed, unit.key) }))
    .sort((a, b) => compareText(a.draw, b.draw));
  const open = splitNames.filter((split) => shares[split] > 0);
  const counts = new Map([...have].map(([label, row]) => [label, { ...row }]));
  const missing = missingBy(units, have, shares);
  const missingOverall: PerSplit = { train: 0, validation: 0, test: 0 };
  for (const row of missing.values()) for (const split of open) missingOverall[split] += row[split];

  const placed: SplitName[] = [];
  const move = ({ labels }: Placeable, split: SplitName, sign: 1 | -1): void => {
    for (const [label, size] of labels) {
      const row = counts.get(label) ?? { train: 0, validation: 0, test: 0 };
      row[split] += sign * size;
      counts.set(label, row);
    }
  };
  for (const { unit, index } of turns) {
    const behind = { train: 0, validation: 0, test: 0 };
    for (const [label, size] of unit.labels) {
      for (const split of open) behind[split] += size * (missing.get(label)?.[split] ?? 0);
    }
    const [chosen = 'train'] = [...open].sort((a, b) => {
      const difference = behind[b] - behind[a];
      return Math.abs(difference) > tolerance ? difference : missingOverall[b] - missingOverall[a];
    });
    placed[index] = chosen;
    move(unit, chosen, 1);
    for (const [label, size] of unit.labels) {
      const row = missing.get(label);
      if (row) row[chosen] -= size;
      missingOverall[chosen] -= size;
    }
  }

  for (const [label, ofLabel] of unitsOfOneClass(turns)) {
    const row = counts.get(label);
    if (row === undefined || row.train + row.validation + row.test < leastForAll) continue;
    for (const empty of open.filter((split) => row[split] === 0)) {
      // Whoever gives keeps something, and of the smallest units the one whose split has most gives.
      const [given] = ofLabel
        .map((turn) => ({
          ...turn,
          from: placed[turn.index] ?? empty,
          size: turn.unit.labels.get(label) ?? 0,
        }))
        .filter(({ from, size }) => row[from] > size)
        .sort((a, b) => a.size - b.size || row[b.from] - row[a.from]);
      if (given === undefined) continue;
      move(given.unit, given.from, -1);
      move(given.unit, empty, 1);
      placed[given.index] = empty;
    }
  }
  return placed;
}

function drawn(seed: number, key: string): string {
  return createHash('sha256').update(`${seed} ${key}`).digest('hex');
}

/** How many pictures of each class each split still lacks, so that these units fill it up. */
function missingBy(
  units: readonly Placeable[],
  have: ReadonlyMap<string, Readonly<PerSplit>>,
  shares: Readonly<PerSplit>,
): Map<string, PerSplit> {
  const coming = new Map<string, number>();
  for (const { labels } of units) {
    for (const [label, size] of labels) coming.set(label, (coming.get(label) ?? 0) + size);
  }
  // By name, so that sums over the classes are the same in whatever order the pictures came.
  const labels = [...coming].sort(([a], [b]) => compareText(a, b));
  return new Map(labels.map(([label, count]) => [label, missingOf(have.get(label), count, shares)]));
}

/**
 * What comes is shared out among the splits that have less than their share; one that has more, because its pictures
 * stay where they are, gets nothing, and the others' shares are of what is left.
 */
function missingOf(
  have: Readonly<PerSplit> = { train: 0, validation: 0, test: 0 },
  coming: number,
  shares: Readonly<PerSplit>,
): PerSplit {
  let open = splitNames.filter((split) => shares[split] > 0);
  for (;;) {
    const total = open.reduce((sum, split) => sum + have[split], coming);
    const whole = open.reduce((sum, split) => sum + shares[split], 0);
    const lack = (split: SplitName): number => (shares[split] / whole) * total - have[split];
    const behind = open.filter((split) => lack(split) >= -tolerance);
    if (behind.length === open.length) {
      const missing: PerSplit = { train: 0, validation: 0, test: 0 };
      for (const split of open) missing[split] = lack(split);
      return missing;
    }
    open = behind;
  }
}

function unitsOfOneClass<T extends { readonly unit: Placeable }>(turns: readonly T[]): Map<string, T[]> {
  const own = new Map<string, T[]>();
  for (const turn of turns) {
    const [label, ...others] = turn.unit.labels.keys();
    if (label === undefined || others.length > 0) continue;
    const ofLabel = own.get(label);
    if (ofLabel) ofLabel.push(turn);
    else own.set(label, [turn]);
  }
  return own;
}
