import type { ActivityProgress, Leaderboard, Stage, StageProgress } from '../../contracts/progress';
import type { Amount } from './bar';

/** A stage as it is shown: what its workflow says, and how far its long activity is. */
export interface StageView {
  readonly stage: Stage;
  readonly state: StageProgress['state'];
  readonly note?: string;
  readonly amount?: Amount;
  /** Milliseconds since the display first saw it running; undefined before that. */
  readonly elapsed?: number;
}

/** Everything that a running workflow shows, whatever its type: what it hasn't is left out. */
export interface WorkflowView {
  readonly workflowId: string;
  readonly stages: readonly StageView[];
  readonly leaderboard?: Leaderboard;
  /** By the trial's number. */
  readonly trials: Readonly<Record<number, ActivityProgress>>;
  /** Activities under way of a workflow that has no stages. */
  readonly activities: readonly { readonly name: string; readonly amount?: Amount; readonly note?: string }[];
  /** Why nothing new is known right now, such as workers restarting. */
  readonly trouble?: string;
}

export function emptyView(workflowId: string): WorkflowView {
  return { workflowId, stages: [], trials: {}, activities: [] };
}
