import type { Worker } from '@temporalio/worker';
import type { Logger } from '../lib/logging/logger';

/** Often enough for any time that is worth stating. */
const lookMs = 250;

/**
 * Calls `end` once none of the workers has had an activity for so long. What comes in the moment that it ends is done again by
 * another, as at any shutdown.
 */
export function watchIdleness(
  workers: readonly Pick<Worker, 'getStatus'>[],
  idleMs: number,
  logger: Logger,
  end: () => void,
): { close(): void } {
  let busyAt = Date.now();
  const timer = setInterval(() => {
    const isBusy = workers.some((worker) => worker.getStatus().numInFlightActivities > 0);
    if (isBusy) busyAt = Date.now();
    if (Date.now() - busyAt < idleMs) return;
    clearInterval(timer);
    logger.info('Nothing to do: ending', { seconds: Math.round(idleMs / 1000) });
    end();
  }, lookMs);
  return { close: () => clearInterval(timer) };
}
