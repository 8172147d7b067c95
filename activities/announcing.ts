import { Context } from '@temporalio/activity';
import { digestOf } from '../lib/storage/refs';
import { beginWork, endWork } from '../lib/data/under-way';
import type { Store } from '../lib/storage/store';

const announcing: readonly (string | undefined)[] = ['ingest', 'preprocess'];

/**
 * By the workflow, and not by what it works on: two that work on the same end at their own times. Undefined in a
 * workflow that only looks whether a result is known: what it then starts announces itself.
 */
function workId(): string | undefined {
  const { workflowExecution, workflowType } = Context.current().info;
  if (workflowExecution === undefined || !announcing.includes(workflowType)) return undefined;
  return digestOf(workflowExecution.workflowId);
}

/** Announces the work of this activity's workflow, so that the store is not cleaned meanwhile. */
export async function announceWork(store: Store): Promise<void> {
  const id = workId();
  if (id !== undefined) await beginWork(store, id);
}

/** Takes the announcement back, where there is one. */
export async function takeBackWork(store: Store): Promise<void> {
  const id = workId();
  if (id !== undefined) await endWork(store, id);
}
