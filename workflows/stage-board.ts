import { defineQuery, setHandler } from '@temporalio/workflow';
import { queryNames } from '../contracts/messages';
import { stages, type PipelineProgress, type Stage, type StageProgress } from '../contracts/progress';
import { pipelineDetails } from './details';
import { rootCause } from './failures';
import { showDetails } from './show-details';

interface Outcome<Result> {
  readonly result: Result;
  /** One line on what came of it. */
  readonly note: string;
  /** True where the result was there already. */
  readonly kept?: boolean;
}

/** Keeps what a pipeline's stages are doing, for the query `progress` and for Temporal's UI. */
export function createStageBoard() {
  const states = new Map<Stage, StageProgress>(stages.map((stage) => [stage, { stage, state: 'waiting' }]));
  let warnings: readonly string[] = [];
  const show = (): void => {
    showDetails(pipelineDetails([...states.values()], warnings));
  };
  const put = (stage: Stage, change: Omit<StageProgress, 'stage'>): void => {
    const { workflowId } = states.get(stage) ?? {};
    states.set(stage, { stage, ...(workflowId !== undefined && { workflowId }), ...change });
    show();
  };
  setHandler(defineQuery<PipelineProgress>(queryNames.progress), () => ({ stages: [...states.values()] }));

  return {
    warn(found: readonly string[]): void {
      warnings = found;
      show();
    },

    /** Shows no such stage: nobody asked for it. */
    leaveOut(stage: Stage): void {
      states.delete(stage);
      show();
    },

    /** Runs one stage; `onChild` is to be told of the child workflow that does its work. */
    async stage<Result>(
      stage: Stage,
      work: (onChild: (workflowId: string) => void) => Promise<Outcome<Result>>,
    ): Promise<Result> {
      put(stage, { state: 'running' });
      try {
        const { result, note, kept } = await work((workflowId) => {
          put(stage, { state: 'running', workflowId });
        });
        put(stage, { state: kept === true ? 'kept' : 'done', note });
        return result;
      } catch (error) {
        put(stage, { state: 'failed', note: rootCause(error) });
        throw error;
      }
    },
  };
}
