import { leaderboardLimit, type Leaderboard, type LeaderboardRow } from '../contracts/progress';
import type { TrainResult } from '../contracts/results';
import type { TrialSeen } from '../contracts/search';
import type { SweepConfig } from '../contracts/schemas/sweep';

export interface Trial extends LeaderboardRow {
  readonly result?: TrainResult;
}

/** The trials of a sweep, in the order in which they were begun. */
export class Trials {
  private readonly trials = new Map<number, Trial>();

  constructor(
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
  }

  count(state: Trial['state']): number {
    return this.all().filter((trial) => trial.state === state).length;
  }

  /** Finished ones by their metric, then the rest by their number. */
  bestFirst(): readonly Trial[] {
    const sign = this.metric.goal === 'minimize' ? 1 : -1;
    return [...this.trials.values()].sort((a, b) => {
      const [one, other] = [ranked(a), ranked(b)];
      if (one !== undefined && other !== undefined) return sign * (one - other) || a.trial - b.trial;
      if (one !== undefined) return -1;
      if (other !== undefined) return 1;
      return a.trial - b.trial;
    });
  }

  /** The best that was trained to its end. */
  best(): Trial | undefined {
    return this.bestFirst().find((trial) => ranked(trial) !== undefined);
  }

  seen(): TrialSeen[] {
    return this.all().map(({ trial, parameters, state, metric }) => ({
      trial,
      parameters,
      state,
      ...(metric !== undefined && { value: metric }),
    }));
  }

  board(expected: number): Omit<Leaderboard, 'state' | 'parallelism'> {
    return {
      metric: this.metric.name,
      goal: this.metric.goal,
      trials: Math.max(expected, this.size),
      finished: this.count('finished'),
      failed: this.count('failed'),
      running: this.count('running'),
      stopped: this.count('stopped'),
      rows: this.bestFirst()
        .slice(0, leaderboardLimit)
        .map(({ result: _result, ...row }) => row),
    };
  }
}

function ranked({ state, metric }: Trial): number | undefined {
  return state === 'finished' && metric !== undefined && !Number.isNaN(metric) ? metric : undefined;
}
