import type { TestFunction } from '../test-function';
import { cellName, cellParameters, cellValues, type Cell } from './cells';
import { wholeTable, type RecordedRun } from './read';

/** What a sweep by validation loss is told of a run: its best epoch's. */
export function bestLoss({ loss }: RecordedRun): number {
  return Math.min(...loss);
}

/**
 * The table as a function of the places of a cell's values in their lists: so both sides know the order of the learning
 * rates and that each is as far from the next.
 */
export function tableFunction(): TestFunction {
  const losses = new Map([...wholeTable()].map(([name, run]) => [name, bestLoss(run)]));
  return {
    whole: true,
    ranges: cellParameters.map((name) => [0, cellValues[name].length - 1] as const),
    least: Math.min(...losses.values()),
    evaluate(x) {
      const value = (name: keyof Cell) => cellValues[name][x[cellParameters.indexOf(name)] ?? -1] ?? NaN;
      return (
        losses.get(
          cellName({ lr: value('lr'), batch_size: value('batch_size'), dropout: value('dropout') }),
        ) ?? NaN
      );
    },
  };
}

/** The least values, least first. */
export function leastOfTable(count: number): readonly number[] {
  const losses = [...wholeTable().values()].map(bestLoss);
  return losses.toSorted((one, other) => one - other).slice(0, count);
}
