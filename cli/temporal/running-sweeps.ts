import type { Client } from '@temporalio/client';
import { Failure } from '../../contracts/failures';

/**
 * The only sweep that runs; undefined where none does.
 *
 * @param how - one of several is named
 * @throws Failure `request-invalid` where several run
 */
export async function theRunningSweep(client: Client, how: string): Promise<string | undefined> {
  const running: string[] = [];
  const query = 'WorkflowType = "sweep" AND ExecutionStatus = "Running"';
  for await (const { workflowId } of client.workflow.list({ query })) running.push(workflowId);
  const [first, ...more] = running;
  if (more.length > 0) {
    throw new Failure('request-invalid', `Several sweeps run: ${running.join(', ')}. Name one ${how}.`);
  }
  return first;
}
