import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { NetworkTimes } from './times';
import { Unavailable } from './unavailable';

const longestWaitMs = 30_000;

/**
 * Does `work` again where its failure may pass, after a wait that doubles, or that the host asked for.
 *
 * @param work - is given the number of its attempt, from 1; `progressed()` makes it the first again
 * @throws what the last attempt threw; the signal's reason
 */
export async function retrying<Result>(
  { attempts, firstWaitMs }: Pick<NetworkTimes, 'attempts' | 'firstWaitMs'>,
  work: (progressed: () => void) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      signal?.throwIfAborted();
      return await work(() => {
        attempt = 1;
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure) || !error.retryable || attempt >= attempts) throw error;
      const asked = error instanceof Unavailable ? error.retryAfterMs : undefined;
      // Spread out, so that many workers don't come back at once.
      const usual = firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      const wait = Math.min(longestWaitMs, Math.max(asked ?? 0, usual));
      await sleep(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }
}
