import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { GpuWorkersInput, GpuWorkersResult } from '../contracts/gpu-workers';
import { queues } from '../contracts/names';
import { quick } from './activities';
import { showDetails } from './show-details';

/** Calls of Google's, each of which may take its 20 seconds. */
const looking = proxyActivities<Activities>({
  taskQueue: queues.ml,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 5 },
});

/** What has to end is not given up. */
const ending = proxyActivities<Activities>({
  taskQueue: queues.ml,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

const firstPauseMs = 5_000;
const longestPauseMs = 60_000;
/** Each is some lines in the history. */
const mostLooks = 2_000;

/**
 * Looks once at the queue `gpu` and at the workers that run at Google, and starts or stops some, as a Schedule has it do again
 * and again. Told to stop, it looks until Google says that all have ended.
 */
export async function gpuWorkers(given?: GpuWorkersInput): Promise<GpuWorkersResult> {
  const mode = given?.mode ?? 'look';
  if (mode === 'start') await quick.startGpuWorkersAgain();
  let result = await (mode === 'stop' ? ending : looking).lookAfterGpuWorkers(given);
  showDetails(result.details);
  for (let looks = 1; mode === 'stop' && result.live > 0 && looks < mostLooks; looks += 1) {
    await sleep(Math.min(firstPauseMs * looks, longestPauseMs));
    result = await ending.lookAfterGpuWorkers(given);
    showDetails(result.details);
  }
  return result;
}
