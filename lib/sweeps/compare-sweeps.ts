import { Failure } from '../../contracts/failures';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';
import { leavesOf } from '../tracking/leaves';
import { savingsOf } from './savings';
import {
  bestOf,
  contenders,
  countStates,
  isBetter,
  secondsOf,
  type Goal,
  type MeasuredTrial,
} from './standing';

/** A trial and the sweep's metric of it. */
export interface Placed {
  readonly trial: number;
  readonly metric: number;
}

/** One of two sweeps, measured as the other is. */
export interface ComparedSweep {
  readonly sweep: string;
  readonly method: string;
  readonly trials: number;
  readonly finished: number;
  readonly stopped: number;
  readonly failed: number;
  /** Of the trials that a winner is chosen from. */
  readonly best?: Placed;
  /** Of the first trials alone, as many as the sweep with fewer has. */
  readonly bestAtEqualTrials?: Placed;
  /** Of the trials that had ended when as many seconds were trained as the sweep with fewer has. */
  readonly bestAtEqualSeconds?: Placed;
  /** Trained until a trial was at least as good as the other's best; missing where none is. */
  readonly secondsToOthersBest?: number;
  readonly seconds: number;
  readonly savedSeconds: number;
  /** Share of what all would have taken. */
  readonly savedShare: number;
}

/** Something that the two were told differently: a dotted key, and undefined where a sweep has none. */
export interface Difference {
  readonly key: string;
  readonly values: readonly [string | undefined, string | undefined];
}

export interface SweepComparison {
  readonly metric: string;
  readonly goal: Goal;
  readonly equalTrials: number;
  readonly equalSeconds: number;
  readonly sweeps: readonly [ComparedSweep, ComparedSweep];
  readonly differences: readonly Difference[];
}

/**
 * Two sweeps side by side, at equal cost too. Seconds are of training and validation, added up over trials in the order in
 * which they ended, so that parallelism doesn't count.
 *
 * @param pictures - What each was searched on, in words; without, the digests.
 * @throws Failure `request-invalid` where their metrics or goals differ
 */
export function compareSweeps(
  one: SweepRecord,
  other: SweepRecord,
  pictures: readonly [string, string] = [one.prepared.sha256, other.prepared.sha256],
): SweepComparison {
  const [a, b] = [one.config.metric, other.config.metric];
  if (a.name !== b.name || a.goal !== b.goal) {
    throw new Failure(
      'request-invalid',
      `${one.sweep} has the metric ${a.name} (${a.goal}), ${other.sweep} ${b.name} (${b.goal}). Only sweeps with the ` +
        'same metric and goal can be compared.',
    );
  }
  const equalTrials = Math.min(one.trials.length, other.trials.length);
  const equalSeconds = Math.min(secondsOf(one.trials), secondsOf(other.trials));
  const side = (own: SweepRecord, against: SweepRecord) =>
    compared(own, bestOf(a.goal, contenders(against.trials)), { equalTrials, equalSeconds });
  return {
    metric: a.name,
    goal: a.goal,
    equalTrials,
    equalSeconds,
    sweeps: [side(one, other), side(other, one)],
    differences: differencesOf(toldTo(one, pictures[0]), toldTo(other, pictures[1])),
  };
}

function compared(
  record: SweepRecord,
  othersBest: MeasuredTrial | undefined,
  { equalTrials, equalSeconds }: Pick<SweepComparison, 'equalTrials' | 'equalSeconds'>,
): ComparedSweep {
  const { goal } = record.config.metric;
  const known = contenders(record.trials);
  const timed = afterSeconds(record);
  const first = record.trials.slice(0, equalTrials).map(({ trial }) => trial);
  const best = bestOf(goal, known);
  const atTrials = bestOf(
    goal,
    known.filter(({ trial }) => first.includes(trial)),
  );
  const atSeconds = bestOf(
    goal,
    known.filter(({ trial }) => (timed.get(trial) ?? Infinity) <= equalSeconds),
  );
  const reached = known
    .filter(({ metric }) => othersBest !== undefined && !isBetter(goal, othersBest.metric, metric))
    .map(({ trial }) => timed.get(trial) ?? Infinity);
  const secondsToOthersBest = Math.min(...reached);
  const { finished, stopped, paused, failed } = countStates(record.trials);
  const saved = savingsOf(record);
  return {
    sweep: record.sweep,
    method: record.config.method,
    trials: record.trials.length,
    finished,
    stopped: stopped + paused,
    failed,
    ...(best && { best: placed(best) }),
    ...(atTrials && { bestAtEqualTrials: placed(atTrials) }),
    ...(atSeconds && { bestAtEqualSeconds: placed(atSeconds) }),
    ...(Number.isFinite(secondsToOthersBest) && { secondsToOthersBest }),
    seconds: saved.spentSeconds,
    savedSeconds: saved.seconds,
    savedShare: saved.share,
  };
}

function placed({ trial, metric }: MeasuredTrial): Placed {
  return { trial, metric };
}

/** Seconds trained by all trials when each had ended. What still runs comes after all that has. */
function afterSeconds({ trials }: SweepRecord): Map<number, number> {
  const after = new Map<number, number>();
  let sum = 0;
  const inOrder = trials.toSorted(
    (a, b) => (a.ended ?? Infinity) - (b.ended ?? Infinity) || a.trial - b.trial,
  );
  for (const { trial, seconds = 0 } of inOrder) {
    sum += seconds;
    after.set(trial, sum);
  }
  return after;
}

function differencesOf(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Difference[] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((key): Difference => ({ key, values: [a.get(key), b.get(key)] }))
    .filter(({ values }) => values[0] !== values[1]);
}

/** A sweep's configuration and pictures, by dotted keys. */
function toldTo({ config }: SweepRecord, pictures: string): Map<string, string> {
  const leaves = leavesOf(config).map(({ path, value }): [string, string] => [path.join('.'), value]);
  return new Map([...leaves, ['pictures', pictures]]);
}
