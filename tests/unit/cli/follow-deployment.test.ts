import { describe, expect, it } from '@jest/globals';
import { ServiceError, type WorkflowHandle } from '@temporalio/client';
import { followDeployment } from '../../../cli/temporal/follow-deployment';

/** A workflow that has ended, and whose query is lost as often as is said. */
function ended(lost: number): WorkflowHandle {
  let asked = 0;
  const handle = {
    workflowId: 'deploy-animals',
    client: { withDeadline: (_: number, ask: () => Promise<unknown>) => ask() },
    query: async () => {
      asked += 1;
      if (asked > lost) return { record: { id: 'd1', state: 'serving', steps: [] } };
      const cause = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
      throw new ServiceError('Failed to query Workflow', { cause });
    },
    result: async () => undefined,
  };
  return handle as unknown as WorkflowHandle;
}

describe('a deployment that is followed', () => {
  it('is known by its end also where the last question is lost', async () => {
    const { signal } = new AbortController();
    expect(await followDeployment(ended(2), () => undefined, signal)).toMatchObject({ state: 'serving' });
  });
});
