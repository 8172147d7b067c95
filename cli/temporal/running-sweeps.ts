import type { Client } from '@temporalio/client';
import { Failure } from '../../contracts/failures';

/**
 * The only sweep that runs; undefined where none does.
 *
 * @throws Failure `start-refused` where several run
 */
export async function theRunningSweep(client: Client): Promise<string | undefined> {
  const running: string[] = [];
  const query = 'WorkflowType = "sweep" AND ExecutionStatus = "Running"';
  for await (const { workflowId } of client.workflow.list({ query })) running.push(workflowId);
  const [first, ...more] = running;
  if (more.length > 0) {
    throw new Failure('start-refused', `Several sweeps run: ${running.join(', ')}. Name one.`);
  }
  return first;
}
