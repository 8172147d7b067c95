import type { WorkflowHandle } from '@temporalio/client';

/**
 * Milliseconds. A query that the server has given to a worker which ended just then is lost, and would be waited for ten times as long; one
 * that is asked again is answered at once.
 */
const patience = 4000;

/**
 * Asks a workflow by one of its queries.
 *
 * @throws ServiceError where no answer came in four seconds: no worker polls, or the query was lost, and whoever needs it asks again
 */
export function askWorkflow<Answer>(
  handle: WorkflowHandle,
  query: string,
  ...args: unknown[]
): Promise<Answer> {
  return handle.client.withDeadline(Date.now() + patience, () =>
    handle.query<Answer, unknown[]>(query, ...args),
  );
}

/** The same, once more where no answer came: for whoever does not look again and again. */
export function askWorkflowTwice<Answer>(
  handle: WorkflowHandle,
  query: string,
  ...args: unknown[]
): Promise<Answer> {
  return askWorkflow<Answer>(handle, query, ...args).catch(() => askWorkflow<Answer>(handle, query, ...args));
}
