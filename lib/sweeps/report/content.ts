import type { SweepRecord, TrialRecord } from '../../../contracts/schemas/sweep-record';
import { dimensionsOf, type Dimension } from '../dimensions';
import { bestOf, contenders, measured, type MeasuredTrial } from '../standing';
import { metricScale } from './metric-scale';
import { metricText } from './value-text';

export interface SweepReportOptions {
  /** When the page is written, in milliseconds since 1970. */
  readonly at: number;
  /** What an hour of training costs, in whatever money. */
  readonly costPerHour?: number | undefined;
  /** From the page to the store's root, with a slash at its end, for links to the runs' reports; without it, none. */
  readonly storeAt?: string | undefined;
  /** What it was searched on, in words: see `picturesOf`. */
  readonly pictures?: string | undefined;
}

/** All that the page of a sweep is made of. */
export interface SweepReport extends SweepReportOptions {
  readonly record: SweepRecord;
  readonly dimensions: readonly Dimension[];
  /** The metric in words. */
  readonly metric: string;
  /** Trials with a figure. */
  readonly known: readonly MeasuredTrial[];
  readonly best: MeasuredTrial | undefined;
  /** Those of `known` that charts show: all, or the best of them and some of the rest. */
  readonly drawn: readonly MeasuredTrial[];
  /** A class of the style sheet for each figure: `g0`, the worst, to `g6`, the best. */
  readonly shade: (metric: number) => string;
}

/** More lines and dots than this can't be told apart, and make the page large. */
const mostDrawn = 500;
const shades = 7;

export function reportOf(record: SweepRecord, options: SweepReportOptions): SweepReport {
  const { goal, name } = record.config.metric;
  const known = measured(record.trials);
  const { goodness } = metricScale(
    known.map(({ metric }) => metric),
    goal,
    4,
  );
  return {
    ...options,
    record,
    dimensions: dimensionsOf(record),
    metric: metricText(name),
    known,
    best: bestOf(goal, contenders(record.trials)),
    drawn: thinned(known, goal === 'minimize' ? 1 : -1),
    shade: (metric) => `g${Math.round(goodness(metric) * (shades - 1))}`,
  };
}

/** The best half as many as are drawn, and every so many of the rest; in their own order. */
function thinned(trials: readonly MeasuredTrial[], sign: number): readonly MeasuredTrial[] {
  if (trials.length <= mostDrawn) return trials;
  const ranked = trials.toSorted((one, other) => sign * (one.metric - other.metric));
  const half = mostDrawn / 2;
  const every = (trials.length - half) / half;
  const kept = new Set<TrialRecord>(ranked.slice(0, half));
  for (let at = half; at < trials.length; at += every) {
    const trial = ranked[Math.floor(at)];
    if (trial !== undefined) kept.add(trial);
  }
  return trials.filter((trial) => kept.has(trial));
}
