import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { openPayloads } from './open-payloads';

/** The one argument that a workflow was started with; undefined where it was given none. */
export async function startedWith(client: Client, workflowId: string): Promise<unknown> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const given = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const [payload] = await openPayloads(client, given);
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
}
