import {
  ActivityCancellationType,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { queues } from '../contracts/names';
import type { NotifyInput, NotifyResult } from '../contracts/webhooks';
import { quick } from './activities';
import { showDetails } from './show-details';

/** A receiver may be away for a night: tried ever more rarely, for a day. */
const telling = proxyActivities<Activities>({
  taskQueue: queues.ml,
  scheduleToCloseTimeout: '24 hours',
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '30 minutes' },
  // What is under way is waited for: it may have been told by then.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Tells every webhook that wants to hear of one event; one that fails keeps none of the others from it. */
export async function notify({ event }: NotifyInput): Promise<NotifyResult> {
  const webhooks = await quick.webhooksFor(event);
  const told = await Promise.all(
    webhooks.map(async (webhook): Promise<'delivered' | 'failed' | 'cancelled'> => {
      try {
        await telling.deliverWebhook({ webhook, event });
        return 'delivered';
      } catch (error) {
        // What went wrong stands in the delivery's record, and in this workflow's history. Also of one that is cancelled the record
        // says that it is not tried any more.
        await CancellationScope.nonCancellable(() => quick.giveUpWebhook({ webhook, event }));
        return isCancellation(error) ? 'cancelled' : 'failed';
      }
    }),
  );
  if (told.includes('cancelled')) throw new CancelledFailure('cancelled before everybody was told');
  const result = {
    delivered: webhooks.filter((_, at) => told[at] === 'delivered'),
    failed: webhooks.filter((_, at) => told[at] === 'failed'),
  };
  showDetails(
    `**${event.kind}** of ${event.model} version ${event.version}: told ${result.delivered.join(', ') || 'nobody'}` +
      (result.failed.length > 0 ? `; in vain: ${result.failed.join(', ')}` : ''),
  );
  return result;
}
