import { Context } from '@temporalio/activity';
import type { ActivityProgress } from '../contracts/progress';

/**
 * Runs long work with a heartbeat a second that carries the newest progress. A heartbeat is how Temporal
 * learns that this worker is alive, and how this activity learns that it was cancelled; the work sees that
 * in `signal` and must stop soon after.
 */
export async function withHeartbeat<Result>(
  work: (report: (progress: ActivityProgress) => void, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  let newest: ActivityProgress | undefined;
  context.heartbeat();
  const timer = setInterval(() => {
    context.heartbeat(newest);
  }, 1000);
  try {
    return await work((progress) => {
      newest = progress;
    }, signal);
  } catch (error) {
    // Whatever the work makes of its abort, Temporal must hear of a cancellation, with its own reason.
    if (signal.aborted) await context.cancelled;
    throw error;
  } finally {
    clearInterval(timer);
  }
}
