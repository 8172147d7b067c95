import { medianOf } from '../figures';
import { markdownTable } from '../table';
import { meanOf, ratioOfRegrets } from './regret';
import { leastOfTable } from './table/function';

/** Values of the trials of each seed, in their order. */
export interface FiniteSides {
  readonly method: string;
  readonly ours: readonly (readonly number[])[];
  readonly theirs: readonly (readonly number[])[];
}

/**
 * The regret of one that has found the best cell of a table, which is 0 and has no logarithm: half of what the second best
 * is away from it.
 */
export function finiteFloor(): number {
  const [best = NaN, second = NaN] = leastOfTable(2);
  return (second - best) / 2;
}

/** Trials until a value is no more than the limit; one more than there were, where none is. */
function trialsUntil(limit: number, values: readonly number[], trials: number): number {
  const at = values.slice(0, trials).findIndex((value) => value <= limit);
  return at === -1 ? trials + 1 : at + 1;
}

/** What a ratio of regrets hides where searches end with none: how often that is, how soon, and how far off in all. */
export function finiteTable(sides: readonly FiniteSides[], trials: number): string {
  const limits = leastOfTable(3);
  const rows = sides.flatMap(({ method, ours, theirs }) => {
    const until = (place: number) =>
      [ours, theirs].map((side) => side.map((values) => trialsUntil(limits[place] ?? NaN, values, trials)));
    const regret = (values: readonly number[]) => Math.min(...values.slice(0, trials)) - (limits[0] ?? NaN);
    const difference = meanOf(ours.map((values, at) => regret(values) - regret(theirs[at] ?? [])));
    const share = (side: readonly number[]) =>
      `${side.filter((count) => count <= trials).length} of ${side.length}`;
    const trialRows = [0, 2].map((place) => {
      const [mine = [], other = []] = until(place);
      const { ratio, low, high } = ratioOfRegrets(mine, other);
      const within = place === 0 ? 'the best cell' : 'one of the best three';
      return [
        `${method}: trials until ${within} (found by)`,
        `${medianOf(mine)} (${share(mine)})`,
        `${medianOf(other)} (${share(other)})`,
        `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`,
      ];
    });
    const mean = (side: readonly (readonly number[])[]) => meanOf(side.map(regret)).mean.toFixed(4);
    return [
      ...trialRows,
      [
        `${method}: mean regret; difference`,
        mean(ours),
        mean(theirs),
        `${difference.mean.toFixed(4)} (${difference.low.toFixed(4)} to ${difference.high.toFixed(4)})`,
      ],
    ];
  });
  return markdownTable(['', 'Drover', 'Optuna', 'Drover / it, 95 of 100 resamples'], rows);
}
