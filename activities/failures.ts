import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { Failure } from '../contracts/failures';
import { countFailure } from './metrics';

/** How often something that is no {@link Failure} is tried: enough for bad luck, too few to hide a defect. */
const defectAttempts = 5;

/**
 * Gives every {@link Failure} of an activity to Temporal as what it is: its type for workflows to tell
 * apart, and no retry where trying again cannot help. Anything else is a defect, or a machine in trouble,
 * and is not tried for ever.
 */
export const failureInterceptor: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      countFailure(error);
      if (!(error instanceof Failure)) {
        const temporal = error instanceof TemporalFailure || error instanceof CompleteAsyncError;
        if (temporal || Context.current().info.attempt < defectAttempts) throw error;
        throw ApplicationFailure.create({
          type: 'defect',
          message: error instanceof Error ? error.message : String(error),
          nonRetryable: true,
          cause: error instanceof Error ? error : undefined,
        });
      }
      throw ApplicationFailure.create({
        type: error.type,
        message: `${error.title}: ${error.message}`,
        nonRetryable: !error.retryable,
        cause: error.cause instanceof Error ? error.cause : undefined,
      });
    }
  },
};
