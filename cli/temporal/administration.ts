import {
  type Client,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { type Decision, promotionMessages } from '../../contracts/messages';
import { queues } from '../../contracts/names';
import type { PromoteResult } from '../../contracts/results';
import { waitingPromotions } from './waiting-promotions';

/** What the administration does by workflows; what it is to the page is `api/administration/administration.ts`. */
export function temporalAdministration(client: Client) {
  return {
    async pending() {
      const waiting = await waitingPromotions(client);
      return waiting.map(({ workflowId, ...rest }) => ({ workflow: workflowId, ...rest }));
    },

    async decide(workflow: string, decision: 'approve' | 'reject', said: Decision): Promise<void> {
      // Only what waits: the id comes from a form, and could be any workflow's.
      const waiting = await waitingPromotions(client);
      if (!waiting.some(({ workflowId }) => workflowId === workflow)) {
        throw new Failure('not-found', 'This promotion does not wait for a decision any more.');
      }
      try {
        await client.workflow
          .getHandle(workflow)
          .executeUpdate<unknown, [Decision]>(promotionMessages[decision], { args: [said] });
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) {
          throw new Failure('not-found', 'This promotion has ended.', { cause: error });
        }
        if (!(error instanceof WorkflowUpdateFailedError)) throw error;
        throw new Failure('start-refused', error.cause?.message ?? error.message, { cause: error });
      }
    },

    async rollback(model: string, version: number | undefined, said: Decision): Promise<number | undefined> {
      const input = { model, ...said, ...(version !== undefined && { version }) };
      try {
        const result = await client.workflow.execute<(given: typeof input) => Promise<PromoteResult>>(
          'rollback',
          {
            workflowId: `rollback-${model}-${Date.now()}`,
            taskQueue: queues.ml,
            args: [input],
            staticSummary: `rollback ${model} by ${said.by}`,
            workflowExecutionTimeout: '1 minute',
          },
        );
        return result.champion;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        throw new Failure('start-refused', innermostWords(error), { cause: error });
      }
    },
  };
}

/** What went wrong, without Temporal's wrapping. */
function innermostWords(error: Error): string {
  let at = error;
  while (at.cause instanceof Error) at = at.cause;
  return at.message;
}
