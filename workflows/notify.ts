import { proxyActivities } from '@temporalio/workflow';
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
});

/** Tells every webhook that wants to hear of one event; one that fails keeps none of the others from it. */
export async function notify({ event }: NotifyInput): Promise<NotifyResult> {
  const webhooks = await quick.webhooksFor(event);
  const told = await Promise.all(
    webhooks.map(async (webhook) => {
      try {
        await telling.deliverWebhook({ webhook, event });
        return true;
      } catch {
        // What went wrong stands in the delivery's record, and in this workflow's history.
        await quick.giveUpWebhook({ webhook, event });
        return false;
      }
    }),
  );
  const result = {
    delivered: webhooks.filter((_, at) => told[at] === true),
    failed: webhooks.filter((_, at) => told[at] === false),
  };
  showDetails(
    `**${event.kind}** of ${event.model} version ${event.version}: told ${result.delivered.join(', ') || 'nobody'}` +
      (result.failed.length > 0 ? `; in vain: ${result.failed.join(', ')}` : ''),
  );
  return result;
}
