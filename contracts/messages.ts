import type { PromotionRecord, PromotionState } from './schemas/promotion';

/**
 * Names of the queries that workflows answer.
 *
 * - `progress`: a `pipeline` answers PipelineProgress; `ingest` and `preprocess` answer ActivityProgress
 *   for what is complete, to which the heartbeats of their pending activities add what is under way.
 * - `leaderboard`: a `sweep` answers Leaderboard.
 * - `record`: a `sweep` answers SweepRecordPart: its trials from a place on, counted from 0, which is the first without one.
 */
export const queryNames = { progress: 'progress', leaderboard: 'leaderboard', record: 'record' } as const;

/**
 * Names of the updates that a running `sweep` takes, each with what it is given; those with nothing are signals, too.
 *
 * - `pause`: nothing new is begun; what runs goes on. `resume`: again.
 * - `stop`: {@link StopSweep}. The sweep ends with what it has.
 * - `addTrial`: parameters by their dotted names; answers {@link AddedTrial}.
 * - `killTrial`: a trial's number. It is stopped once its checkpoint is saved, and not tried again.
 * - `retryFailed`: begins the trials that have failed once more; answers how many.
 * - `extendBest`: {@link ExtendBest}; answers {@link ExtendedBest}.
 * - `setParallelism`, `setRunCap`: a number.
 */
export const sweepMessages = {
  pause: 'pause',
  resume: 'resume',
  stop: 'stop',
  addTrial: 'addTrial',
  killTrial: 'killTrial',
  retryFailed: 'retryFailed',
  extendBest: 'extendBest',
  setParallelism: 'setParallelism',
  setRunCap: 'setRunCap',
} as const;

/** The signal by which a trial's training tells its sweep how it goes: {@link TrialEpochs}. */
export const trialEpochs = 'trialEpochs';

export interface TrialEpochs {
  readonly trial: number;
  /** The name of its run. */
  readonly run: string;
  /** How many epochs it was told of before, where these are the ones that came since. */
  readonly from?: number;
  /** The metric after each epoch, the first one's first. */
  readonly values: readonly number[];
  /** Of training and validation, all epochs together. */
  readonly seconds: number;
}

export interface StopSweep {
  /** `idle`: when the trials under way have ended; `now`: those are stopped, too. */
  readonly when: 'idle' | 'now';
}

export interface AddedTrial {
  /** How many are to begin before it. */
  readonly ahead: number;
}

export interface ExtendBest {
  /** How many the best trial's parameters are to be trained for: more than it was to have. */
  readonly epochs: number;
}

/** A run that has ended keeps no checkpoint, so the best one's parameters are trained anew, as a trial of their own. */
export interface ExtendedBest extends AddedTrial {
  /** The trial whose parameters they are. */
  readonly trial: number;
  /** The epoch that it begins after: 0, from scratch. */
  readonly from: number;
}

/**
 * Names of the updates that a `promote` takes while it waits for a person, each with a {@link Decision}. It answers the
 * update once it has taken it, and refuses one while it does not wait, or one without a name or a reason. The query
 * `promotion` answers {@link PromotionView} at any time.
 *
 * What waits is found by the search attribute `DroverApproval`, which is `waiting`, or `reminded` after the first reminder.
 */
export const promotionMessages = { approve: 'approve', reject: 'reject', view: 'promotion' } as const;

/** The signal by which a promotion tells the pipeline that asked for it that a person has to decide: {@link AwaitsPerson}. */
export const awaitsPerson = 'awaitsPerson';

export interface Decision {
  /** Who decides. */
  readonly by: string;
  readonly reason: string;
}

export interface AwaitsPerson {
  readonly reason: string;
  /** ISO 8601; after this, the version is not promoted. */
  readonly deadline: string;
  readonly champion: number | undefined;
}

/** A promotion as it stands; the record lacks until it was judged for the first time. */
export interface PromotionView {
  readonly model: string;
  readonly version: number;
  /** `judging`, or the record's state. */
  readonly state: 'judging' | PromotionState;
  readonly record?: PromotionRecord;
}
