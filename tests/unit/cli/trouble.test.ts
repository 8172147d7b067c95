import { describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { troubleOf } from '../../../cli/temporal/progress';

const { PENDING_ACTIVITY_STATE_SCHEDULED: scheduled, PENDING_ACTIVITY_STATE_STARTED: started } =
  temporal.api.enums.v1.PendingActivityState;

function pending(
  state: temporal.api.enums.v1.PendingActivityState,
  type: string,
): temporal.api.workflow.v1.IPendingActivityInfo {
  const lastFailure = { message: 'It ended in the middle', applicationFailureInfo: { type } };
  return { activityType: { name: 'trainRun' }, attempt: 2, state, lastFailure };
}

describe('an activity whose last attempt failed', () => {
  it('goes on after the restart where its worker was ended, and is no trouble once it does', () => {
    expect(troubleOf(pending(scheduled, 'WorkerShutdown'), 'train-1')).toBe(
      'trainRun goes on after the restart.',
    );
    expect(troubleOf(pending(started, 'WorkerShutdown'), 'train-1')).toBeUndefined();
  });

  it('is tried again where it failed of itself', () => {
    expect(troubleOf(pending(started, 'trainer-died'), 'train-1')).toBe(
      'trainRun failed and is tried again (attempt 2): It ended in the middle',
    );
  });
});
