import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { deploymentMessages, type DeploymentView } from '../../contracts/deployments';
import type { DeploymentRecord } from '../../contracts/schemas/deployment';
import { stepNews } from '../display/deployment';
import { askWorkflow } from './ask-workflow';
import { patiently } from './patience';

const lookMs = 400;

/**
 * Says each step of a deployment as it begins and ends, until it has ended; workers and servers that are away for a while are
 * waited for.
 *
 * @throws WorkflowFailedError where it could not begin, or was cancelled; the signal's reason
 */
export async function followDeployment(
  handle: WorkflowHandle,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<DeploymentRecord> {
  let seen: DeploymentRecord | undefined;
  const look = async (): Promise<void> => {
    const { record } = await askWorkflow<DeploymentView>(handle, deploymentMessages.view);
    if (record === undefined) return;
    for (const line of stepNews(seen, record)) say(line);
    seen = record;
  };
  const ended = new AbortController();
  const result = resultOf(handle, signal).finally(() => {
    ended.abort();
  });
  // It is heard of below.
  result.catch(() => undefined);
  while (!ended.signal.aborted) {
    await look().catch(() => undefined);
    await Promise.race([sleep(lookMs, undefined, { signal }), result]);
  }
  await result;
  await patiently(look, signal);
  if (seen !== undefined) return seen;
  throw new Failure('workflow-failed', `${handle.workflowId} has ended and says nothing of itself.`);
}

async function resultOf(handle: WorkflowHandle, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await handle.result();
      return;
    } catch (error) {
      if (error instanceof WorkflowFailedError || !(error instanceof ServiceError)) throw error;
      await sleep(1000, undefined, { signal });
    }
  }
}
