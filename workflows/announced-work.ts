import { CancellationScope } from '@temporalio/workflow';
import { quick } from './activities';

/**
 * Work that its plan has announced, so that the store is not cleaned meanwhile. Its last activity takes the
 * announcement back; where it comes to nothing, that is done here.
 */
export async function announced<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await CancellationScope.nonCancellable(() => quick.abandonWork());
    throw error;
  }
}
