import { setTimeout as sleep } from 'node:timers/promises';
import { mayBeRetried } from './bucket-failures';

/** How often a request is sent, and the wait before the second time, which then doubles. */
export interface BucketRetry {
  readonly attempts: number;
  readonly firstWaitMs: number;
}

export const usualRetry: BucketRetry = { attempts: 6, firstWaitMs: 250 };

const longestWaitMs = 8_000;

/**
 * Sends a request again where its failure may pass.
 *
 * @param request - is given the number of its attempt, from 1
 * @throws what `failureOf` makes of the last error
 */
export async function retryRequest<T>(
  { attempts, firstWaitMs }: BucketRetry,
  request: (attempt: number) => Promise<T>,
  failureOf: (error: unknown) => unknown,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(attempt);
    } catch (error) {
      if (!mayBeRetried(error) || attempt >= attempts) throw failureOf(error);
      const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
      // Spread out, so that many workers don't come back at once.
      await sleep(wait * (0.5 + Math.random() / 2));
    }
  }
}
