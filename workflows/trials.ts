import { workflowIds } from '../contracts/names';
import { leaderboardLimit, type Leaderboard, type LeaderboardRow } from '../contracts/progress';
import type { TrainResult } from '../contracts/results';
import { asSeen, type TrialSeen } from '../contracts/search';
import type { SweepConfig } from '../contracts/schemas/sweep';
import type { TrialRecord } from '../contracts/schemas/sweep-record';
import { inOneMessage } from '../contracts/trial-pieces';

/** A trial as its sweep knows it. */
export interface Trial extends TrialRecord {
  /** Of one that was trained to its end. Only the best one's goes from one run of the workflow to the next. */
  readonly result?: TrainResult;
}

/** The trials of a sweep, in the order in which they were begun. */
export class Trials {
  private readonly trials = new Map<number, Trial>();
  private readonly changed = new Set<number>();

  constructor(
    private readonly sweep: string,
    private readonly metric: SweepConfig['metric'],
    before: readonly Trial[] = [],
  ) {
    for (const trial of before) this.trials.set(trial.trial, trial);
  }

  get size(): number {
    return this.trials.size;
  }

  all(): readonly Trial[] {
    return [...this.trials.values()];
  }

  get(trial: number): Trial | undefined {
    return this.trials.get(trial);
  }

  put(trial: Trial): void {
    this.trials.set(trial.trial, trial);
    this.changed.add(trial.trial);
  }

  /** Changes what is known of a trial. */
  change(trial: number, changes: Partial<Trial>): void {
    const known = this.trials.get(trial);
    if (known === undefined) throw new Error(`there is no trial ${trial}`);
    this.put({ ...known, ...changes });
  }

  count(state: Trial['state']): number {
    return this.all().filter((trial) => trial.state === state).length;
  }

  /** Finished ones by their metric; then the rest that has one, those that were trained longest first; then by number. */
  bestFirst(): readonly Trial[] {
    const sign = this.metric.goal === 'minimize' ? 1 : -1;
    const standing = (trial: Trial): number =>
      isRanked(trial) ? 0 : trial.metric === undefined || trial.state === 'failed' ? 2 : 1;
    return this.all().toSorted((a, b) => {
      const place = standing(a);
      if (place !== standing(b)) return place - standing(b);
      if (place === 2) return a.trial - b.trial;
      const longer = place === 0 ? 0 : (b.epochs ?? 0) - (a.epochs ?? 0);
      return longer || sign * ((a.metric ?? 0) - (b.metric ?? 0)) || a.trial - b.trial;
    });
  }

  /** The best that was trained to its end. */
  best(): Trial | undefined {
    return this.bestFirst().find(isRanked);
  }

  /** As a search sees them: those that the sweep's record in the store lacks, or has as they were before. */
  seenSinceRecord(): TrialSeen[] {
    return this.all()
      .filter(({ trial }) => this.changed.has(trial))
      .map(asSeen);
  }

  /** For the sweep's record: those in some places, but no more than a message holds, and one at least where there is one. */
  records(from = 0, to = Infinity): TrialRecord[] {
    return inOneMessage(
      this.all()
        .slice(from, to)
        .map(({ result: _result, ...record }) => record),
    );
  }

  /** Whether any of the trials in these places has changed since they were brought. */
  haveChanged(from: number, to: number): boolean {
    return this.all()
      .slice(from, to)
      .some(({ trial }) => this.changed.has(trial));
  }

  board(expected: number): Omit<Leaderboard, 'state' | 'parallelism'> {
    const paused = this.count('paused');
    return {
      metric: this.metric.name,
      goal: this.metric.goal,
      trials: Math.max(expected, this.size),
      finished: this.count('finished'),
      failed: this.count('failed'),
      running: this.count('running'),
      stopped: this.count('stopped'),
      ...(paused > 0 && { paused }),
      rows: this.bestFirst()
        .slice(0, leaderboardLimit)
        .map((trial) => this.row(trial)),
    };
  }

  private row({
    trial,
    state,
    parameters,
    run,
    metric,
    failure,
    why,
    epochs,
    planned,
  }: Trial): LeaderboardRow {
    return {
      trial,
      state,
      parameters,
      ...(run !== undefined && { run }),
      ...(metric !== undefined && { metric }),
      ...(failure !== undefined && { failure }),
      ...(why !== undefined && { why }),
      ...(epochs !== undefined && { epochs }),
      ...(planned !== undefined && { planned }),
      workflowId: workflowIds.trial(this.sweep, trial),
    };
  }
}

function isRanked({ state, metric }: Trial): boolean {
  return state === 'finished' && metric !== undefined && !Number.isNaN(metric);
}
