import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities';
import { unpolledQueues } from '../../cli/temporal/preflight';
import { withWorkers } from './temporal';

/** Far more than a worker takes to ask for its first task, on a busy machine as well. */
const patience = 30_000;

/** As `withWorkers`, once the server has seen every queue polled: a command refuses to start a workflow for which nobody polls. */
export function withPolledWorkers<Result>(
  server: TestWorkflowEnvironment,
  activities: Partial<Activities>,
  work: () => Promise<Result>,
): Promise<Result> {
  return withWorkers(server, activities, async () => {
    await unpolledQueues(server.client, 'pipeline', patience);
    return work();
  });
}
