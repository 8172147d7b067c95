import type { SweepRecord } from '../../../contracts/schemas/sweep-record';
import { orderOf, type Dimension } from '../dimensions';
import { measured } from '../standing';
import { bestShare, pedAnova } from './ped-anova';
import { rankCorrelation } from './rank-correlation';

/** Below this many trials importance is a guess. */
export const enoughTrials = 10;
/** The tenth that PED-ANOVA's authors take, but no fewer than this many trials, from which a density can be estimated. */
const bestTenth = 0.1;
const fewestBest = 5;

export interface ParameterImportance {
  readonly dimension: Dimension;
  /** Of all parameters' importance, whose sum is 1; undefined where nothing can be told. */
  readonly share: number | undefined;
  /** Spearman's, with the metric itself; undefined of values without an order, and of too few trials. */
  readonly correlation: number | undefined;
}

export interface Importance {
  /** Trials that it stands on: all with a figure but those that run. */
  readonly trials: number;
  /** How many of them count as the best. */
  readonly best: number;
  /** The most important first. */
  readonly parameters: readonly ParameterImportance[];
}

/**
 * What a sweep says of its parameters. Trials that were stopped count by the figure that they had then: without them, those
 * that did badly would be missing.
 */
export function importanceOf({ config, trials }: SweepRecord, dimensions: readonly Dimension[]): Importance {
  const known = measured(trials).filter(({ state }) => state !== 'running');
  const sign = config.metric.goal === 'minimize' ? 1 : -1;
  const judged = known.map(({ parameters, metric }) => ({ parameters, loss: sign * metric }));
  const share = Math.max(bestTenth, fewestBest / judged.length);
  const found = share < 1 ? pedAnova(dimensions, judged, share) : new Map<string, number>();
  const sum = [...found.values()].reduce((total, one) => total + one, 0);
  const parameters = dimensions.map((dimension) => {
    const pairs = known.flatMap((trial) => {
      const order = orderOf(dimension, trial);
      return order === undefined ? [] : [{ order, metric: trial.metric }];
    });
    return {
      dimension,
      share: sum > 0 ? (found.get(dimension.name) ?? 0) / sum : undefined,
      correlation: rankCorrelation(
        pairs.map(({ order }) => order),
        pairs.map(({ metric }) => metric),
      ),
    };
  });
  return {
    trials: known.length,
    best: share < 1 ? bestShare(judged, share).length : known.length,
    parameters: parameters.toSorted((one, other) => (other.share ?? 0) - (one.share ?? 0)),
  };
}
