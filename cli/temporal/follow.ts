import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  ServiceError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { Failure, isFailureType } from '../../contracts/failures';
import type { WorkflowType } from '../../contracts/names';
import type { Console } from '../display/console';
import { present } from '../display/present';
import { emptyView } from '../display/view';
import { ProgressReader } from './progress';

/** Milliseconds between two looks. */
const interval = { live: 500, plain: 2000 };

/**
 * Shows a workflow until it has closed, and gives its result. Servers and workers that are away for a while
 * are waited for.
 *
 * @throws Failure of the workflow's own type; the signal's reason where it was aborted.
 */
export async function follow(
  client: Client,
  handle: WorkflowHandle,
  type: WorkflowType,
  console: Console,
  signal: AbortSignal,
): Promise<unknown> {
  const reader = new ProgressReader(client, handle.workflowId, type);
  let view = emptyView(handle.workflowId);
  const show = async (): Promise<void> => {
    const next = await reader.read(view, Date.now());
    if (signal.aborted) return;
    present(console, view, next);
    view = next;
  };
  const closed = new AbortController();
  const watching = (async () => {
    while (!closed.signal.aborted && !signal.aborted) {
      await show();
      await pause(console.live ? interval.live : interval.plain, AbortSignal.any([signal, closed.signal]));
    }
  })();
  try {
    const result = await untilAborted(resultOf(handle, signal), signal);
    closed.abort();
    await watching;
    await show();
    return result;
  } finally {
    closed.abort();
    // Nothing more may be drawn once this has returned.
    await watching;
    console.settle();
  }
}

/** A workflow's result, over restarts of the server. */
export async function resultOf(handle: WorkflowHandle, signal: AbortSignal): Promise<unknown> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw workflowFailure(error);
      if (error instanceof WorkflowNotFoundError) {
        throw new Failure('not-found', `There is no workflow ${handle.workflowId} any more.`, {
          cause: error,
        });
      }
      if (!(error instanceof ServiceError) || signal.aborted) throw error;
      await pause(1000, signal);
    }
  }
}

/** What a workflow failed with, as the failure that Drover named, or as the nearest one. */
export function workflowFailure(error: WorkflowFailedError): Failure {
  let cause: unknown = error.cause;
  let innermost: unknown = error.cause;
  while (cause instanceof Error) {
    if (cause instanceof ApplicationFailure && cause.type != null && isFailureType(cause.type)) {
      return new Failure(cause.type, cause.message, { cause: error });
    }
    innermost = cause;
    cause = cause.cause;
  }
  if (error.cause instanceof CancelledFailure) {
    return new Failure('workflow-failed', 'It was cancelled.', { cause: error });
  }
  if (error.cause instanceof TerminatedFailure) {
    return new Failure('workflow-failed', 'It was terminated.', { cause: error });
  }
  if (innermost instanceof TimeoutFailure) {
    return new Failure('workflow-failed', `It took too long: ${innermost.message}.`, { cause: error });
  }
  return new Failure('workflow-failed', innermost instanceof Error ? innermost.message : error.message, {
    cause: error,
  });
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
    // The one that lost may still fail, with nobody left to hear it.
    promise.catch(() => undefined);
  }
}

/** Waits; a signal ends it early, and is no error. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
