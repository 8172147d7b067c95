import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { Decision } from '../../contracts/messages';

/**
 * Tells a workflow what a person has decided, and waits until it has taken that.
 *
 * @throws Failure `not-found` with `ended`, where the workflow has; `start-refused` with its own words
 */
export async function sendDecision(
  client: Client,
  workflowId: string,
  update: string,
  decision: Decision,
  ended: string,
): Promise<void> {
  try {
    await client.workflow
      .getHandle(workflowId)
      .executeUpdate<unknown, [Decision]>(update, { args: [decision] });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new Failure('not-found', ended, { cause: error });
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw new Failure('start-refused', error.cause?.message ?? error.message, { cause: error });
  }
}
