import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { sleep } from '@temporalio/workflow';
import { workflowIds } from '../contracts/names';

interface SharedStage<Result> {
  readonly stage: string;
  /** The stage's memo key, and its result where that is kept already. */
  plan(): Promise<{ readonly key: string; readonly kept?: Result }>;
  /** Runs the stage as a child workflow of this id. */
  compute(workflowId: string): Promise<Result>;
  /** Told of the child that does the work; never called where the result was kept. */
  onChild(workflowId: string): void;
}

/**
 * A memoised stage as a child workflow whose id is its memo key. Where another pipeline is computing the
 * same just now, this one waits for its result, and takes over if the other gives up.
 */
export async function sharedStage<Result>(
  shared: SharedStage<Result>,
): Promise<{ result: Result; kept: boolean }> {
  for (let pause = 2; ; pause = Math.min(60, pause * 2)) {
    const { key, kept } = await shared.plan();
    if (kept !== undefined) return { result: kept, kept: true };
    const workflowId = workflowIds.stage(shared.stage, key);
    shared.onChild(workflowId);
    try {
      return { result: await shared.compute(workflowId), kept: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(`${pause}s`);
    }
  }
}
