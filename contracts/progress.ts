import type { TrialState } from './schemas/sweep-record';

/** The stages of a pipeline, in their order. */
export const stages = ['ingest', 'preprocess', 'sweep', 'forms', 'evaluate', 'register', 'promote'] as const;

export type Stage = (typeof stages)[number];

export interface StageProgress {
  readonly stage: Stage;
  /** `kept`: found in the memo, so nothing was done. */
  readonly state: 'waiting' | 'running' | 'done' | 'kept' | 'failed';
  /** The child workflow that does the work, whose activities' heartbeats say how far it is. */
  readonly workflowId?: string;
  /** One line for people: what came of it. */
  readonly note?: string;
}

/** The answer to the query `progress` of a `pipeline`. */
export interface PipelineProgress {
  readonly stages: readonly StageProgress[];
}

/** What a long activity reports in its heartbeat details. */
export interface ActivityProgress {
  readonly done: number;
  /** 0 while nobody knows. */
  readonly total: number;
  readonly unit: 'pictures' | 'steps' | 'bytes';
  /** One line for people. */
  readonly note?: string | undefined;
  /** What `note` says of a training, for programs. */
  readonly training?: TrainingFigures | undefined;
}

/** How a training goes; loss and accuracy are of the newest batches, and missing while it doesn't learn. */
export interface TrainingFigures {
  readonly phase: string;
  /** The epoch under way, from 1; 0 before the first. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss?: number | undefined;
  /** In [0, 1]. */
  readonly accuracy?: number | undefined;
  readonly picturesPerSecond: number;
  /** Missing while nobody can tell. */
  readonly secondsLeft?: number | undefined;
}

export interface LeaderboardRow {
  readonly trial: number;
  readonly state: TrialState;
  /** Only the parameters that the sweep varies, by their dotted names. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly metric?: number;
  readonly failure?: string;
  /** Of one that was stopped: by whom, or by which rule. */
  readonly why?: string;
  /** Epochs that it has had, as far as its sweep was told, and those that it is to have. */
  readonly epochs?: number;
  readonly planned?: number;
  readonly workflowId: string;
}

/** The answer to the query `leaderboard` of a `sweep`: best first, at most {@link leaderboardLimit} rows. */
export interface Leaderboard {
  readonly metric: string;
  readonly goal: 'minimize' | 'maximize';
  /** Begun, or to be begun as far as anybody knows. */
  readonly trials: number;
  readonly finished: number;
  readonly failed: number;
  readonly running: number;
  /** What follows is missing in sweeps of before 0.2.0. */
  readonly stopped?: number;
  readonly paused?: number;
  /** Whether new trials are begun, and if not, why. */
  readonly state?: 'running' | 'paused' | 'stopping';
  readonly parallelism?: number;
  /** What it stands on, in words; missing where it had that prepared itself. */
  readonly pictures?: string;
  /** What people should know of its configuration; missing where that is nothing. */
  readonly warnings?: readonly string[];
  readonly rows: readonly LeaderboardRow[];
}

export const leaderboardLimit = 20;
