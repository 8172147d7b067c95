import { Failure } from '../../../contracts/failures';
import type { Source } from './source';

/**
 * Does what a source is read for, and removes from this machine what was brought for it: once it is done, and where it failed
 * and no attempt at it can do better. After any other failure, or where it was stopped, the next attempt goes on with it.
 *
 * @throws what the work throws
 */
export async function forgetAfter<Result>(source: Source, work: () => Promise<Result>): Promise<Result> {
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    // Of the two failures, the work's is the one to be told.
    if (error instanceof Failure && !error.retryable) await source.forget?.().catch(() => undefined);
    throw error;
  }
  await source.forget?.();
  return result;
}
