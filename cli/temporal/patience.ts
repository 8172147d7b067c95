import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';

/** gRPC's status codes for a server that is away or late: DEADLINE_EXCEEDED, UNAVAILABLE. */
const awayCodes: ReadonlySet<number> = new Set([4, 14]);

/**
 * Does `ask`, again and again while the server is away, such as when it is started again. Only for what may
 * be asked twice.
 *
 * @throws what `ask` throws; the signal's reason; the last refusal after `patience` milliseconds.
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  patience = 60_000,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error) || Date.now() >= deadline) throw error;
      await sleep(200, undefined, { signal });
    }
  }
}

function isAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && awayCodes.has(cause.code);
}
