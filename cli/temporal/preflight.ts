import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { closest, distance } from 'fastest-levenshtein';
import { Failure } from '../../contracts/failures';
import { type Queue, type WorkflowType, queues, workflowTypes } from '../../contracts/names';

const { TaskQueueType } = temporal.api.enums.v1;

/** @throws Failure `start-refused` for a type that no worker knows, with the nearest one that they do. */
export function workflowType(given: string): WorkflowType {
  const known = workflowTypes.find((type) => type === given);
  if (known) return known;
  const near = closest(given.toLowerCase(), [...workflowTypes]);
  const hint = distance(given.toLowerCase(), near) <= 3 ? ` Did you mean "${near}"?` : '';
  throw new Failure(
    'start-refused',
    `There is no workflow type of this name.${hint} Known are ${workflowTypes.join(', ')}.`,
  );
}

/** Queues that a workflow of this type needs beside `ml`, where its own tasks are. */
const needs: Readonly<Record<WorkflowType, readonly Queue[]>> = {
  pipeline: [queues.cpu, queues.gpu],
  sweep: [queues.gpu],
  train: [queues.gpu],
  ingest: [queues.cpu],
  preprocess: [queues.cpu],
  evaluate: [queues.cpu],
  forms: [queues.cpu],
  promote: [queues.cpu],
  rollback: [],
  deploy: [],
  watchData: [queues.cpu],
  gpuWorkers: [],
  monitor: [queues.cpu],
};

/**
 * Temporal keeps a workflow for ever that nobody polls for, and says nothing: so it is asked first.
 *
 * @param patience - milliseconds that workers may still take to come, where they are known to be starting
 * @returns the queues whose activities would wait, because nobody polls them.
 * @throws Failure `start-refused` where nobody polls the queue of the workflow itself.
 */
export async function unpolledQueues(client: Client, type: WorkflowType, patience = 0): Promise<Queue[]> {
  const deadline = Date.now() + patience;
  for (;;) {
    const [decides, ...works] = await Promise.all([
      isPolled(client, queues.ml, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
      ...needs[type].map((queue) => isPolled(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)),
    ]);
    const unpolled = needs[type].filter((_, at) => works[at] !== true);
    if (decides && unpolled.length === 0) return [];
    if (Date.now() >= deadline) {
      if (decides) return unpolled;
      throw new Failure(
        'start-refused',
        `Nobody polls the queue ${queues.ml}: a workflow started now would wait for ever. ` +
          'Start everything with `npm start`, or a worker alone with `npx drover worker --queue ml --queue cpu`.',
      );
    }
    await sleep(300);
  }
}

/** Those queues of workflows that nobody polls. */
export async function unpolled(client: Client, queues: ReadonlySet<string>): Promise<Set<string>> {
  const asked = await Promise.all(
    [...queues].map(async (queue) => ({
      queue,
      polled: await isPolled(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
    })),
  );
  return new Set(asked.filter(({ polled }) => !polled).map(({ queue }) => queue));
}

export async function isPolled(
  client: Client,
  queue: string,
  taskQueueType: temporal.api.enums.v1.TaskQueueType,
): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType,
  });
  return pollers.length > 0;
}
