import type { PartName } from './parts';

/** `waiting`: another set-up on this machine is at the same part. */
export type SetupPhase = 'waiting' | 'download' | 'unpack' | 'compile' | 'ready';

/** One step of a set-up. `done` and `total` are bytes, and absent where nothing can be counted. */
export interface SetupProgress {
  readonly part: PartName;
  readonly phase: SetupPhase;
  readonly done?: number;
  readonly total?: number;
}

export type ReportProgress = (event: SetupProgress) => void;
