import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { condition, defineSignal, ParentClosePolicy, setHandler, startChild } from '@temporalio/workflow';
import type { PromoteInput } from '../contracts/inputs';
import { awaitsPerson, type AwaitsPerson } from '../contracts/messages';
import { workflowIds } from '../contracts/names';
import type { PipelineResult, PromoteResult } from '../contracts/results';
import { quick } from './activities';
import { promote } from './promote';

type Outcome = Pick<PipelineResult, 'promoted' | 'champion' | 'reason' | 'approval'>;

/**
 * Promotes in a workflow that may outlive its pipeline: where a person is to decide, the pipeline ends and says so. A pipeline
 * that stayed open for days would look as if it worked, and would keep the next one under its id from starting.
 */
export async function promoteApart(
  input: PromoteInput,
  onChild: (workflowId: string) => void,
): Promise<Outcome> {
  const { model, version } = input;
  const workflowId = workflowIds.promotion(model, version);
  const seen: { awaits?: AwaitsPerson; ended: boolean } = { ended: false };
  setHandler(defineSignal<[AwaitsPerson]>(awaitsPerson), (told) => {
    seen.awaits = told;
  });
  onChild(workflowId);
  let result: Promise<PromoteResult>;
  try {
    const child = await startChild(promote, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${model} version ${version}`,
    });
    result = child.result();
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const champion = await quick.champion(model);
    const reason = `a promotion of version ${version} is under way already: ${workflowId}`;
    return { promoted: false, champion, reason };
  }
  const settle = (): void => {
    seen.ended = true;
  };
  void result.then(settle, settle);
  await condition(() => seen.ended || seen.awaits !== undefined);
  if (seen.ended || seen.awaits === undefined) {
    const { promoted, champion, reason } = await result;
    return { promoted, champion, reason };
  }
  const { champion, deadline, reason } = seen.awaits;
  return {
    promoted: false,
    champion,
    reason: `waits for a person until ${deadline}: ${reason}`,
    approval: { workflow: workflowId, deadline },
  };
}
