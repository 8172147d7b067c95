import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { Failure } from '../contracts/failures';

/**
 * Gives every {@link Failure} of an activity to Temporal as what it is: its type for workflows to tell
 * apart, and no retry where trying again cannot help.
 */
export const failureInterceptor: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw ApplicationFailure.create({
        type: error.type,
        message: `${error.title}: ${error.message}`,
        nonRetryable: !error.retryable,
        cause: error.cause instanceof Error ? error.cause : undefined,
      });
    }
  },
};
