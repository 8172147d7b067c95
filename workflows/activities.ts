import {
  ActivityCancellationType,
  patched,
  proxyActivities,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { queues } from '../contracts/names';

/** Look-ups and small writes. A worker that is killed in one is missed after this long. */
export const quick = proxyActivities<Activities>({
  taskQueue: queues.ml,
  startToCloseTimeout: '20s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

/** Pictures by the thousand. A lost worker is noticed by its missing heartbeat, not by a time limit. */
export const heavy = proxyActivities<Activities>({
  taskQueue: queues.cpu,
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/**
 * The same queue: all of a dataset at once, in memory. Its computing leaves no room for a heartbeat, for some seconds with a
 * hundred thousand pictures and for longer where most of them look the same.
 */
export const judging = proxyActivities<Activities>({
  taskQueue: queues.cpu,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '3 minutes',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

/** The same queue: what comes before and after the pictures themselves, such as listing a source. */
export const planning = proxyActivities<Activities>({
  taskQueue: queues.cpu,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

const trainingOptions = {
  taskQueue: queues.gpu,
  scheduleToCloseTimeout: '7 days',
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', maximumInterval: '5 minutes' },
} satisfies ActivityOptions;

const left = proxyActivities<Activities>(trainingOptions);

const awaited = proxyActivities<Activities>({
  ...trainingOptions,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/**
 * Training. A pause and a worker's shutdown each use up an attempt, so what bounds it is time and the
 * failures that no retry can mend, never a number of attempts. A workflow that is cancelled has ended once the checkpoint is
 * saved; histories from before that go on as they began.
 */
export function training(): typeof awaited {
  return patched('cancelled-once-saved') ? awaited : left;
}
